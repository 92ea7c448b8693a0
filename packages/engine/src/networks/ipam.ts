import { randomBytes } from 'node:crypto';
import { EngineError } from '../errors.ts';
import {
  type EndpointRecord,
  type EndpointWishes,
  type NetworkRecord,
  type NetworkStore,
  noWishes,
} from '../state/networks.ts';
import { contains, formatAddress, macOf, parseAddress, parseInterface, type Subnet, sizeOf } from './ipv4.ts';
import { contains6, formatAddress6, parseAddress6, parseInterface6, sizeOf6 } from './ipv6.ts';

/** What a container wants of its place in a network. */
export interface PlaceRequest {
  /** An address that must be this one, of either kind. */
  address?: string;
  address6?: string;
  /** A hardware address; that which belongs to the IPv4 address when left out. */
  mac?: string;
  wishes?: EndpointWishes;
  /** The namespace that is there, when the container has one. */
  namespace?: string;
  /** Name of the device in it. */
  device?: string;
}

/**
 * The next free address after the one that was given last, from the start again after the end: an address that
 * just became free rests as long as possible, while others may still think of it. Null when there is none.
 */
export function nextFree(
  subnet: Subnet,
  last: number,
  taken: ReadonlySet<number>,
  within: Subnet = subnet,
): number | null {
  const all = usable(within);
  const first = Math.max(subnet.base, all.first);
  const count = Math.min(subnet.base + sizeOf(subnet), all.first + all.count) - first;
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

export interface EndpointRequest extends PlaceRequest {
  /** Begins the name of a network namespace that is to be made. */
  namespacePrefix: string;
}

/**
 * Reserves a place in a network, with addresses where the network has some, in the name of no container yet. Throws
 * EngineError when the network is gone or has none left.
 */
export function reserveEndpoint(
  store: NetworkStore,
  network: NetworkRecord,
  request: EndpointRequest,
): EndpointRecord {
  // It may have been removed while a namespace was waited for.
  if (store.network(network.name)?.id !== network.id) {
    throw new EngineError('notFound', `network ${network.name} not found`);
  }
  const id = randomBytes(32).toString('hex');
  const address = network.subnet === '' ? 0 : chooseAddress(store, network, request.address);
  const address6 = network.subnet6 === '' ? '' : chooseAddress6(store, network, request.address6);
  const isPlugged = address !== 0 || address6 !== '';
  const ownNamespace = request.namespace ?? `${request.namespacePrefix}${id.slice(0, 12)}`;
  const endpoint: EndpointRecord = {
    id,
    networkId: network.id,
    containerId: null,
    address,
    address6,
    mac: isPlugged && network.driver !== 'ipvlan' ? request.mac || macFor(address) : '',
    device: isPlugged ? (request.device ?? 'eth0') : '',
    wishes: request.wishes ?? noWishes,
    namespace: network.driver === 'host' ? '' : ownNamespace,
    link: isPlugged && network.driver === 'bridge' ? `veth${id.slice(0, 7)}` : '',
  };
  store.addEndpoint(endpoint);
  return endpoint;
}

function macFor(address: number): string {
  return address === 0 ? randomMac() : macOf(address);
}

/** A hardware address that a network administrator gives out, and nobody builds into devices. */
function randomMac(): string {
  return ['02', ...(randomBytes(5).toString('hex').match(/../g) ?? [])].join(':');
}

/** Addresses that a network keeps for what is no container. */
function auxiliary(network: NetworkRecord): string[] {
  return network.wishes.ipam.flatMap(({ AuxiliaryAddresses }) => Object.values(AuxiliaryAddresses ?? {}));
}

function chooseAddress(store: NetworkStore, network: NetworkRecord, requested: string | undefined): number {
  const subnet = subnetOf(network);
  const taken = store.addressesOf(network.id).add(parseAddress(network.gateway) ?? 0);
  for (const kept of auxiliary(network)) taken.add(parseAddress(kept) ?? 0);
  if (requested) return checkAddress(requested, subnet, taken);
  const address = nextFree(poolOf(network) ?? subnet, store.lastAddress(network.id), taken, subnet);
  if (address === null) throw exhausted('IPv4', network);
  return address;
}

/** The part of its addresses that a network gives out by itself; null for all. */
function poolOf(network: NetworkRecord): Subnet | null {
  const ranges = network.wishes.ipam.map(({ IPRange }) => parseInterface(IPRange)?.subnet);
  return ranges.find((range) => range !== undefined) ?? null;
}

function exhausted(kind: string, network: NetworkRecord): EngineError {
  return new EngineError(
    'internal',
    `no available ${kind} addresses on this network's address pools: ${network.name} (${network.id})`,
  );
}

function chooseAddress6(store: NetworkStore, network: NetworkRecord, requested: string | undefined): string {
  const subnet = parseInterface6(network.subnet6)?.subnet;
  if (!subnet) throw new EngineError('internal', `network ${network.name} has no IPv6 addresses`);
  const taken = store.addresses6Of(network.id).add(network.gateway6);
  for (const kept of auxiliary(network)) taken.add(formatAddress6(parseAddress6(kept) ?? 0n));
  if (requested) {
    const address = parseAddress6(requested);
    if (address === null) throw new EngineError('badParameter', `invalid IPv6 address: ${requested}`);
    if (!contains6(subnet, address) || address === subnet.base) throw strange(formatAddress6(address));
    if (taken.has(formatAddress6(address))) throw new EngineError('forbidden', 'Address already in use');
    return formatAddress6(address);
  }
  const range =
    network.wishes.ipam.map(({ IPRange }) => parseInterface6(IPRange)?.subnet).find(Boolean) ?? subnet;
  const end = range.base + sizeOf6(range);
  for (let address = range.base + (range.base === subnet.base ? 1n : 0n); address < end; address++) {
    const text = formatAddress6(address);
    if (!taken.has(text)) return text;
  }
  throw exhausted('IPv6', network);
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
    throw strange(formatAddress(address));
  }
  if (taken.has(address)) throw new EngineError('forbidden', 'Address already in use');
  return address;
}

function strange(address: string): EngineError {
  return new EngineError(
    'badParameter',
    `invalid address ${address}: It does not belong to any of this network's subnets`,
  );
}
