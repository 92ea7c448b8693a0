import { randomBytes } from 'node:crypto';
import { EngineError } from '../errors.ts';
import type { EndpointRecord, NetworkRecord, NetworkStore } from '../state/networks.ts';
import { contains, formatAddress, macOf, parseAddress, parseInterface, type Subnet, sizeOf } from './ipv4.ts';

export interface EndpointRequest {
  /** An address that must be this one. */
  address?: string;
  /** A hardware address; that which belongs to the IPv4 address when left out. */
  mac?: string;
  /** Begins the name of the network namespace. */
  namespacePrefix: string;
}

/**
 * The next free address after the one that was given last, from the start again after the end: an address that
 * just became free rests as long as possible, while others may still think of it. Null when there is none.
 */
export function nextFree(subnet: Subnet, last: number, taken: ReadonlySet<number>): number | null {
  const { first, count } = usable(subnet);
  const start = contains(subnet, last) ? last + 1 - first : 0;
  for (let step = 0; step < count; step++) {
    const address = first + ((start + step) % count);
    if (!taken.has(address)) return address;
  }
  return null;
}

/** The addresses that may be given: neither the network's own nor the broadcast address, where there are such. */
function usable(subnet: Subnet): { first: number; count: number } {
  const kept = subnet.prefix >= 31 ? 0 : 1;
  return { first: subnet.base + kept, count: sizeOf(subnet) - 2 * kept };
}

/** Reserves a place in a network, with an address where the network has some, in the name of no container yet. */
export function reserveEndpoint(
  store: NetworkStore,
  network: NetworkRecord,
  request: EndpointRequest,
): EndpointRecord {
  const id = randomBytes(32).toString('hex');
  const address = network.subnet === '' ? 0 : chooseAddress(store, network, request.address);
  const endpoint: EndpointRecord = {
    id,
    networkId: network.id,
    containerId: null,
    address,
    mac: address === 0 ? '' : request.mac || macOf(address),
    namespace: network.driver === 'host' ? '' : `${request.namespacePrefix}${id.slice(0, 12)}`,
    link: address === 0 ? '' : `veth${id.slice(0, 7)}`,
  };
  store.addEndpoint(endpoint);
  return endpoint;
}

function chooseAddress(store: NetworkStore, network: NetworkRecord, requested: string | undefined): number {
  const subnet = subnetOf(network);
  const taken = store.addressesOf(network.id).add(parseAddress(network.gateway) ?? 0);
  if (requested) return checkAddress(requested, subnet, taken);
  const address = nextFree(subnet, store.lastAddress(network.id), taken);
  if (address === null) {
    throw new EngineError(
      'internal',
      `no available IPv4 addresses on this network's address pools: ${network.name} (${network.id})`,
    );
  }
  return address;
}

/** The addresses of a network that has some. */
export function subnetOf(network: NetworkRecord): Subnet {
  const parsed = parseInterface(network.subnet);
  if (!parsed) throw new EngineError('internal', `network ${network.name} has no addresses`);
  return parsed.subnet;
}

function checkAddress(text: string, subnet: Subnet, taken: ReadonlySet<number>): number {
  const address = parseAddress(text);
  if (address === null) throw new EngineError('badParameter', `invalid IPv4 address: ${text}`);
  const { first, count } = usable(subnet);
  if (address < first || address >= first + count) {
    throw new EngineError(
      'badParameter',
      `invalid address ${formatAddress(address)}: It does not belong to any of this network's subnets`,
    );
  }
  if (taken.has(address)) throw new EngineError('forbidden', 'Address already in use');
  return address;
}
