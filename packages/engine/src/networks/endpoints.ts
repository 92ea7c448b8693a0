import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import type { EndpointRecord, NetworkRecord, NetworkStore } from '../state/networks.ts';
import { deviceNames, devicesOn, removeDevice } from './bridge.ts';
import type { NameServer } from './dns/server.ts';
import type { Firewall } from './firewall.ts';
import type { Interpreter } from './interpreter.ts';
import { type PlaceRequest, reserveEndpoint } from './ipam.ts';
import { formatAddress } from './ipv4.ts';
import { isOn } from './options.ts';
import { isRouted, parentOf } from './parents.ts';
import { isNamed } from './place.ts';
import { createPool, type Pool } from './pool.ts';
import type { GuardedPort } from './ruleset.ts';
import type { Plug, Sandboxes } from './sandbox.ts';
import { createSpares, type Spares } from './spares.ts';
import { prefixOf } from './view.ts';

/** The network namespaces of containers and what plugs them into networks. */
export interface Endpoints {
  /** One in this network that no container has: made ahead where that is done and there are no special wishes. */
  take(network: NetworkRecord, request: PlaceRequest): Promise<EndpointRecord>;
  /** Takes a namespace and all devices in it away; the records are left. */
  unplug(namespace: string, members: readonly EndpointRecord[]): Promise<void>;
  /** Takes one network out of a namespace that stays. */
  pull(endpoint: EndpointRecord): Promise<void>;
  /** Begins to make some ahead for a network: whole places, or what is the same in all networks that have names. */
  prepare(network: NetworkRecord): void;
  /** Takes away what an engine that is gone had made ahead, or was about to give to a container. */
  discardSpares(): Promise<void>;
  /** Takes away what no record tells of, on these bridges too. */
  collect(bridges: readonly string[]): Promise<void>;
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
  names: Pick<NameServer, 'prepare' | 'discard'>;
  firewall: Pick<Firewall, 'admit' | 'forget'>;
}): Endpoints {
  const { ip, store, sandboxes, names } = deps;
  const { admit, forget } = deps.firewall;
  const pools = new Map<string, Pool<EndpointRecord>>();
  /** Nothing is made ahead before a network has use for it. */
  let spares: Spares | null = null;
  const unplugged = new Set<string>();

  /** A place with a namespace that was made ahead for any network. */
  async function makeInSpare(
    from: Spares,
    network: NetworkRecord,
    request: PlaceRequest,
  ): Promise<EndpointRecord> {
    const namespace = await from.take();
    try {
      return await make(network, { ...request, namespace }, sandboxes.plug);
    } catch (error) {
      await from.discard(namespace);
      throw error;
    }
  }

  async function make(
    network: NetworkRecord,
    request: PlaceRequest,
    add: Sandboxes['add'] = sandboxes.add,
  ): Promise<EndpointRecord> {
    const endpoint = reserveEndpoint(store, network, { ...request, namespacePrefix: sandboxes.prefix });
    const { namespace } = endpoint;
    if (namespace === '') return endpoint;
    const plug = plugOf(network, endpoint);
    const isOwn = request.namespace === undefined;
    let isMade = false;
    try {
      if (isOwn) await sandboxes.make(namespace, plug);
      else if (plug) await add(namespace, plug);
      isMade = true;
      if (plug && endpoint.link !== '') await admit(portOf(endpoint));
      return endpoint;
    } catch (error) {
      if (isMade) await takeBack(endpoint, isOwn);
      forget([endpoint.link]);
      store.removeEndpoint(endpoint.id);
      throw error;
    }
  }

  /** Takes away what was made for a place that cannot be used, as far as it goes: the next engine collects the rest. */
  async function takeBack(endpoint: EndpointRecord, isOwn: boolean): Promise<void> {
    const { namespace, link } = endpoint;
    try {
      if (isOwn) await sandboxes.remove(namespace, link === '' ? [] : [link]);
      else await pull(endpoint);
    } catch (error) {
      log.warn('cannot take away what was made for a network', { namespace, error: messageOf(error) });
    }
  }

  async function unplug(namespace: string, members: readonly EndpointRecord[]): Promise<void> {
    if (namespace === '') return;
    // A device on one of the host's would go on talking as long as some process holds the namespace.
    for (const member of members) if (isOnParent(member)) await pull(member);
    const links = members.flatMap(({ link }) => (link === '' ? [] : [link]));
    for (const link of links) unplugged.add(link);
    await sandboxes.remove(namespace, links);
    forget(links);
    for (const { networkId, device } of members) {
      if (device !== '') (pools.get(networkId) ?? spares)?.fill();
    }
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

  async function pull(endpoint: EndpointRecord): Promise<void> {
    const { link, namespace, device } = endpoint;
    if (isOnParent(endpoint)) await sandboxes.removeInside(namespace, device);
    else if (link !== '') await sandboxes.unplug(link);
    forget([link]);
  }

  async function discard(endpoint: EndpointRecord): Promise<void> {
    await unplug(endpoint.namespace, [endpoint]);
    store.removeEndpoint(endpoint.id);
  }

  return {
    unplug,
    pull,
    async discardSpares() {
      const inUse = new Set(store.sandboxes().map(({ key }) => key));
      for (const endpoint of store.endpoints()) {
        if (endpoint.containerId !== null) continue;
        if (!inUse.has(sandboxes.path(endpoint.namespace))) await discard(endpoint);
        else {
          // A container that runs was about to get it: the rest of what it has is its own.
          store.removeEndpoint(endpoint.id);
          await pull(endpoint);
        }
      }
    },
    async collect(bridges) {
      const namespaces = sandboxes.list();
      const devices = [...deviceNames()].filter((name) => name.startsWith('veth'));
      // Read after that: what is made ahead meanwhile is recorded before it is made.
      const known = store.endpoints();
      // A container may have left all networks.
      const inUse = new Set(store.sandboxes().map(({ key }) => key));
      for (const name of namespaces) {
        const isKnown = known.some(({ namespace }) => namespace === name) || inUse.has(sandboxes.path(name));
        if (!isKnown && !sandboxes.isNew(name)) await sandboxes.remove(name, []);
      }
      const strange = devices.filter((name) => !known.some(({ link }) => link === name));
      if (strange.length === 0) return;
      for (const bridge of bridges) {
        const plugged = await devicesOn(bridge);
        for (const name of strange) if (plugged.includes(name)) await removeDevice(ip, name);
      }
    },
    async replug(network) {
      const links = store
        .endpoints()
        .filter(({ networkId, link }) => networkId === network.id && link !== '');
      await sandboxes.replug(
        network.bridge,
        links.map(({ link }) => link),
        isIsolated(network),
      );
    },
    take: (network, request) => {
      // The addresses beside the one that belongs to the place are given to the device when it is made.
      const isPlain =
        Object.keys(request).every((key) => key === 'wishes') && !request.wishes?.linkLocal.length;
      if (pools.has(network.id) && isPlain) return poolOf(network).take();
      const isAlone = request.namespace === undefined && isNamed({ network });
      return spares && isAlone ? makeInSpare(spares, network, request) : make(network, request);
    },
    prepare(network) {
      if (!isNamed({ network })) return poolOf(network).fill();
      spares ??= createSpares({ sandboxes, names, size: ahead });
      spares.fill();
    },
    async close() {
      await Promise.all([...pools.values(), ...(spares ? [spares] : [])].map((pool) => pool.empty()));
      pools.clear();
      spares = null;
      await awaitCleared();
    },
  };
}

/** What a place in a network may send from. */
export function portOf({ link, mac, address, address6 }: EndpointRecord): GuardedPort {
  const addresses = [
    ...(address === 0 ? [] : [formatAddress(address)]),
    ...(address6 === '' ? [] : [address6]),
  ];
  return { link, mac, addresses };
}

function plugOf(network: NetworkRecord, endpoint: EndpointRecord): Plug | null {
  const { address, address6, link, device, mac } = endpoint;
  if (device === '') return null;
  const { bridge, gateway, gateway6, wishes } = network;
  const isWayOut = !wishes.internal;
  const parent = parentOf(network);
  return {
    bridge,
    parent,
    isRouted: isWayOut && isRouted(parent),
    link,
    device,
    mac,
    mtu: Number(wishes.options['com.docker.network.driver.mtu'] ?? 0),
    isolated: isIsolated(network),
    addresses: [
      ...(address === 0 ? [] : [`${formatAddress(address)}/${prefixOf(network)}`]),
      ...(address6 === '' ? [] : [`${address6}/${network.subnet6.split('/')[1]}`]),
      ...endpoint.wishes.linkLocal.map((one) => `${one}/${one.includes(':') ? 64 : 16}`),
    ],
    gateway: isWayOut && address !== 0 ? gateway : '',
    gateway6: isWayOut && address6 !== '' ? gateway6 : '',
  };
}

/** Whether an endpoint is a device on one of the host's, with no other end. */
function isOnParent({ device, link }: EndpointRecord): boolean {
  return device !== '' && link === '';
}

/** Whether the containers of a network are kept from each other. */
export function isIsolated({ wishes }: NetworkRecord): boolean {
  return isOn(wishes.options, 'com.docker.network.bridge.enable_icc') === false;
}
