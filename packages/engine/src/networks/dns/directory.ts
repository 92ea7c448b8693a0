import type { EndpointRecord, NetworkStore } from '../../state/networks.ts';
import { formatAddress } from '../ipv4.ts';
import { isPredefined } from '../view.ts';

/** What is known of a name. */
export interface Known {
  addresses: string[];
  addresses6: string[];
}

/** Who is called what, seen from each container: names are private to the networks that it is in. */
export interface Directory {
  /** What a name means to a container; null when it means none of its neighbours. */
  lookUp(containerId: string, name: string): Known | null;
  /** The name of a neighbour by its address, as in `web.backend`; null for a stranger's. */
  nameOf(containerId: string, address: string): string | null;
  /** Whether a container may ask the world. */
  isOpen(containerId: string): boolean;
  /** What is known is not true any more. */
  changed(): void;
}

interface Zone {
  network: string;
  names: Map<string, EndpointRecord[]>;
  addresses: Map<string, string>;
  internal: boolean;
}

interface Index {
  zones: Map<string, Zone>;
  members: Map<string, EndpointRecord[]>;
}

export function createDirectory(store: NetworkStore): Directory {
  let index: Index | null = null;

  function build(): Index {
    const zones = new Map<string, Zone>();
    const members = new Map<string, EndpointRecord[]>();
    for (const network of store.networks()) {
      if (isPredefined(network)) continue;
      const zone = { names: new Map(), addresses: new Map(), internal: network.wishes.internal };
      zones.set(network.id, { ...zone, network: network.name });
    }
    for (const endpoint of store.endpoints()) {
      if (endpoint.containerId === null) continue;
      push(members, endpoint.containerId, endpoint);
      const zone = zones.get(endpoint.networkId);
      if (!zone) continue;
      const { dnsNames } = endpoint.wishes;
      for (const name of new Set(dnsNames.map((one) => one.toLowerCase()))) {
        push(zone.names, name, endpoint);
        push(zone.names, `${name}.${zone.network.toLowerCase()}`, endpoint);
      }
      for (const address of addressesOf(endpoint)) zone.addresses.set(address, dnsNames[0] ?? '');
    }
    return { zones, members };
  }

  const known = () => {
    index ??= build();
    return index;
  };

  return {
    lookUp(containerId, name) {
      const { zones, members } = known();
      const wanted = name.toLowerCase().replace(/\.$/, '');
      const found = new Set<EndpointRecord>();
      for (const { networkId, wishes } of members.get(containerId) ?? []) {
        const names = zones.get(networkId)?.names;
        const linked = linkTarget(wishes.links, wanted);
        for (const one of names?.get(linked ?? wanted) ?? []) found.add(one);
      }
      if (found.size === 0) return null;
      const all = [...found];
      return {
        addresses: all.flatMap(({ address }) => (address === 0 ? [] : [formatAddress(address)])),
        addresses6: all.flatMap(({ address6 }) => (address6 === '' ? [] : [address6])),
      };
    },
    nameOf(containerId, address) {
      const { zones, members } = known();
      for (const { networkId } of members.get(containerId) ?? []) {
        const zone = zones.get(networkId);
        const name = zone?.addresses.get(address);
        if (zone && name) return `${name}.${zone.network}`;
      }
      return null;
    },
    isOpen: (containerId) =>
      (known().members.get(containerId) ?? []).some(
        ({ networkId }) => known().zones.get(networkId)?.internal !== true,
      ),
    changed() {
      index = null;
    },
  };
}

/** The container's name that a name stands for in links such as `db:database`; undefined for none. */
function linkTarget(links: readonly string[], name: string): string | undefined {
  const link = links
    .map((one) => one.split(':'))
    .find(([target, alias = target]) => alias?.toLowerCase() === name);
  return link?.[0]?.replace(/^\//, '').toLowerCase();
}

function addressesOf({ address, address6 }: EndpointRecord): string[] {
  return [...(address === 0 ? [] : [formatAddress(address)]), ...(address6 === '' ? [] : [address6])];
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
