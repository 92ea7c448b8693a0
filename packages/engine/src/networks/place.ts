import { EngineError } from '../errors.ts';
import type { EndpointRecord, EndpointWishes, NetworkRecord, SandboxRecord } from '../state/networks.ts';
import type { PlaceRequest } from './ipam.ts';
import { parseAddress, parseMac } from './ipv4.ts';
import { parseAddress6 } from './ipv6.ts';
import { devicePrefix } from './options.ts';
import { isPredefined } from './view.ts';

/** Where a container is in a network. */
export interface Place {
  network: NetworkRecord;
  endpoint: EndpointRecord;
}

export function notConnected(container: string, network: string): EngineError {
  return new EngineError('badParameter', `container ${container} is not connected to network ${network}`);
}

/** Whether containers know each other by name there. */
export function isNamed({ network }: Pick<Place, 'network'>): boolean {
  return ['bridge', 'macvlan', 'ipvlan'].includes(network.driver) && !isPredefined(network);
}

/** Reads what a container wants of its place. Throws in dockerd's words what this network does not give. */
export function placeRequest(network: NetworkRecord, wishes: EndpointWishes | undefined): PlaceRequest {
  const prefix = devicePrefix(network.wishes.options);
  const device = prefix !== 'eth' && { device: `${prefix}0` };
  if (!wishes) return { ...device };
  checkWishes(network, wishes);
  const mac = parseMac(wishes.mac);
  return {
    wishes,
    ...(wishes.ipv4 !== '' && { address: wishes.ipv4 }),
    ...(wishes.ipv6 !== '' && { address6: wishes.ipv6 }),
    ...(mac !== null && { mac }),
    ...device,
  };
}

function checkWishes(network: NetworkRecord, { ipv4, ipv6, linkLocal, aliases, mac }: EndpointWishes): void {
  const refuse = (message: string): never => {
    throw new EngineError('badParameter', message);
  };
  if (mac !== '' && parseMac(mac) === null) refuse(`invalid MAC address: ${mac}`);
  if (mac !== '' && network.driver === 'ipvlan')
    refuse('ipvlan interfaces do not support custom mac address assignment');
  for (const address of linkLocal) {
    const isOne = parseAddress(address) !== null || parseAddress6(address) !== null;
    if (!isOne) refuse(`invalid link-local IP address: ${address}`);
  }
  if (isPredefined(network)) {
    if (ipv4 || ipv6) refuse('user specified IP address is supported on user defined networks only');
    if (aliases.length > 0)
      refuse('network-scoped alias is supported only for containers in user defined networks');
    return;
  }
  if (ipv4 && parseAddress(ipv4) === null) refuse(`invalid IPv4 address: ${ipv4}`);
  if (ipv6 && parseAddress6(ipv6) === null) refuse(`invalid IPv6 address: ${ipv6}`);
  const isConfigured = (isOfIPv6: boolean) =>
    network.wishes.ipam.some(({ Subnet }) => Subnet !== '' && Subnet.includes(':') === isOfIPv6);
  if ((ipv4 && !isConfigured(false)) || (ipv6 && !isConfigured(true))) {
    refuse(
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    );
  }
}

/** The first free name of a device, as in `eth1`. */
export function nextDevice(network: NetworkRecord, places: readonly Place[]): string {
  const prefix = devicePrefix(network.wishes.options);
  const taken = new Set(places.map(({ endpoint }) => endpoint.device));
  let number = 0;
  while (taken.has(`${prefix}${number}`)) number++;
  return `${prefix}${number}`;
}

/** Refuses what a container that runs cannot be connected to, in dockerd's words. */
export function checkJoin(sandbox: SandboxRecord, network: NetworkRecord, places: readonly Place[]): void {
  const refuse = (message: string): never => {
    throw new EngineError('badParameter', message);
  };
  if (sandbox.mode.startsWith('container:')) {
    refuse(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
  }
  if (network.driver === 'host' || sandbox.key === '') {
    refuse('container cannot be disconnected from host network or connected to host network');
  }
  if (
    [network, ...places.map((place) => place.network)].some(({ driver }) => driver === 'null') &&
    places.length > 0
  ) {
    refuse(
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  }
  if (places.some((place) => place.network.id === network.id)) {
    throw new EngineError(
      'forbidden',
      `endpoint with name ${sandbox.containerName} already exists in network ${network.name}`,
    );
  }
}
