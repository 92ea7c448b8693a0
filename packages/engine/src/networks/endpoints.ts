import { setTimeout as sleep } from 'node:timers/promises';
import { log } from '../log.ts';
import type { EndpointRecord, NetworkRecord, NetworkStore } from '../state/networks.ts';
import { deviceNames, devicesOn, removeDevice } from './bridge.ts';
import type { Interpreter } from './interpreter.ts';
import { reserveEndpoint } from './ipam.ts';
import { formatAddress } from './ipv4.ts';
import { createPool, type Pool } from './pool.ts';
import type { Sandboxes } from './sandbox.ts';
import { prefixOf } from './view.ts';

/** The network namespaces of containers and what plugs them into networks. */
export interface Endpoints {
  /** One in this network that no container has: made ahead where there are no special wishes. */
  take(network: NetworkRecord, wishes: { address?: string; mac?: string }): Promise<EndpointRecord>;
  /** Takes its namespace and devices away; the record of it is left. */
  unplug(endpoint: EndpointRecord): Promise<void>;
  /** Begins to make some ahead for a network. */
  prepare(network: NetworkRecord): void;
  /** Takes away what an engine that is gone had made ahead. */
  discardSpares(): Promise<void>;
  /** Takes away what no record tells of, on this bridge too. */
  collect(bridge: string): Promise<void>;
  /** Plugs everything into the bridge of its network, which was made anew. */
  replug(network: NetworkRecord): Promise<void>;
  /** Discards what was made ahead and sees that the kernel has cleared all that was unplugged. */
  close(): Promise<void>;
}

/** How many are made ahead for a network: enough for a burst, few enough to cost nothing at rest. */
const ahead = 4;

/** The kernel clears a namespace in the background, in tens of milliseconds. */
const clearedWithin = 1000;

export function createEndpoints(deps: {
  ip: Interpreter;
  store: NetworkStore;
  sandboxes: Sandboxes;
}): Endpoints {
  const { ip, store, sandboxes } = deps;
  const pools = new Map<string, Pool<EndpointRecord>>();
  const unplugged = new Set<string>();

  async function make(
    network: NetworkRecord,
    wishes: { address?: string; mac?: string },
  ): Promise<EndpointRecord> {
    const endpoint = reserveEndpoint(store, network, { ...wishes, namespacePrefix: sandboxes.prefix });
    if (endpoint.namespace === '') return endpoint;
    try {
      await sandboxes.make(endpoint.namespace, plugOf(network, endpoint));
      return endpoint;
    } catch (error) {
      store.removeEndpoint(endpoint.id);
      throw error;
    }
  }

  async function unplug({ networkId, namespace, link }: EndpointRecord): Promise<void> {
    if (namespace === '') return;
    if (link !== '') unplugged.add(link);
    await sandboxes.remove(namespace, link);
    pools.get(networkId)?.fill();
  }

  function poolOf(network: NetworkRecord): Pool<EndpointRecord> {
    const known = pools.get(network.id);
    if (known) return known;
    const pool = createPool({
      size: ahead,
      make: () => make(network, {}),
      discard,
    });
    pools.set(network.id, pool);
    return pool;
  }

  /** Waits for the kernel, and helps it where someone else still holds the namespace. */
  async function awaitCleared(): Promise<void> {
    const until = Date.now() + clearedWithin;
    const left = () => unplugged.intersection(deviceNames());
    while (left().size > 0 && Date.now() < until) await sleep(5);
    for (const link of left()) {
      log.warn('a network namespace is still in use by a process', { link });
      await removeDevice(ip, link);
    }
    unplugged.clear();
  }

  async function discard(endpoint: EndpointRecord): Promise<void> {
    await unplug(endpoint);
    store.removeEndpoint(endpoint.id);
  }

  return {
    unplug,
    async discardSpares() {
      for (const endpoint of store.endpoints()) {
        if (endpoint.containerId === null) await discard(endpoint);
      }
    },
    async collect(bridge) {
      const namespaces = sandboxes.list();
      const devices = [...deviceNames()].filter((name) => name.startsWith('veth'));
      // Read after that: what is made ahead meanwhile is recorded before it is made.
      const known = store.endpoints();
      for (const name of namespaces) {
        if (!known.some(({ namespace }) => namespace === name)) await sandboxes.remove(name, '');
      }
      const strange = devices.filter((name) => !known.some(({ link }) => link === name));
      if (bridge === '' || strange.length === 0) return;
      const plugged = await devicesOn(bridge);
      for (const name of strange) if (plugged.includes(name)) await removeDevice(ip, name);
    },
    async replug(network) {
      const links = store
        .endpoints()
        .filter(({ networkId, link }) => networkId === network.id && link !== '');
      await sandboxes.replug(
        network.bridge,
        links.map(({ link }) => link),
      );
    },
    take: (network, wishes) =>
      network.driver === 'host' || wishes.address || wishes.mac
        ? make(network, wishes)
        : poolOf(network).take(),
    prepare: (network) => poolOf(network).fill(),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.empty()));
      pools.clear();
      await awaitCleared();
    },
  };
}

function plugOf(network: NetworkRecord, { address, link, mac }: EndpointRecord) {
  if (address === 0) return null;
  const { bridge, gateway } = network;
  return { bridge, link, mac, address: `${formatAddress(address)}/${prefixOf(network)}`, gateway };
}
