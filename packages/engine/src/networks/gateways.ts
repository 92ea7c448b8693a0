import type { EndpointRecord, NetworkRecord } from '../state/networks.ts';
import { formatAddress } from './ipv4.ts';

/** The way out of a container that is in several networks. */
export interface Gateways {
  /** Empty without a way out for packets of the kind. */
  gateway: string;
  gateway6: string;
  /** The place that published ports lead to: none, when the way out is not through the host. */
  endpoint: EndpointRecord | undefined;
  network: NetworkRecord | undefined;
  /** Its addresses there; empty for none. */
  address: string;
  address6: string;
}

/** The gateways as they are written down when a container was told of them. */
export function routeOf({ gateway, gateway6 }: Pick<Gateways, 'gateway' | 'gateway6'>): string {
  return `${gateway} ${gateway6}`.trim();
}

/**
 * Chooses among the networks that lead outside the one of the highest priority, and among equal ones the first by
 * name, as docker does.
 */
export function gatewaysOf(
  places: readonly { network: NetworkRecord; endpoint: EndpointRecord }[],
): Gateways {
  const outside = places
    .filter(({ network }) => network.subnet + network.subnet6 !== '' && !network.wishes.internal)
    .sort(
      (a, b) =>
        b.endpoint.wishes.gatewayPriority - a.endpoint.wishes.gatewayPriority ||
        (a.network.name < b.network.name ? -1 : 1),
    );
  const four = outside.find(({ endpoint, network }) => endpoint.address !== 0 && network.gateway !== '');
  const six = outside.find(({ endpoint, network }) => endpoint.address6 !== '' && network.gateway6 !== '');
  const first = four ?? six;
  const { network, endpoint } = (first?.network.driver === 'bridge' && first) || {};
  return {
    gateway: four?.network.gateway ?? '',
    gateway6: six?.network.gateway6 ?? '',
    endpoint,
    network,
    address: endpoint && endpoint.address !== 0 ? formatAddress(endpoint.address) : '',
    address6: endpoint?.address6 ?? '',
  };
}
