import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig, HostConfig } from '@davit/api';
import type { EngineConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import { log } from '../log.ts';
import type { Database } from '../state/database.ts';
import {
  createNetworkStore,
  type EndpointWishes,
  type NetworkRecord,
  plainNetwork,
} from '../state/networks.ts';
import {
  type Attachments,
  type ConnectRequest,
  createAttachments,
  type JoinRequest,
  type Sandbox,
} from './attachments.ts';
import {
  bringUpBridge,
  bringUpUserBridge,
  deviceNames,
  ownBridges,
  removeDevice,
  subnetsInUse,
} from './bridge.ts';
import { type Catalogue, createCatalogue } from './catalogue.ts';
import { createDirectory } from './dns/directory.ts';
import { createNameServer } from './dns/server.ts';
import { createEndpoints, isIsolated, portOf } from './endpoints.ts';
import { explained } from './failure.ts';
import { createFirewall } from './firewall.ts';
import { createIp, createNft } from './interpreter.ts';
import { endLeftovers } from './leftovers.ts';
import { checkNetworkOptions, parseNetworkMode } from './mode.ts';
import { gatewayMode, isOn } from './options.ts';
import { parentOf, tryParent } from './parents.ts';
import { isNamed } from './place.ts';
import { parsePortRequests } from './portmap.ts';
import { createPortAllocator } from './ports.ts';
import { resolverFor } from './resolver.ts';
import type { GuardedNetwork } from './ruleset.ts';
import { createSandboxes } from './sandbox.ts';
import { defaultPools, poolsOf } from './subnets.ts';
import { isPredefined } from './view.ts';
import { createTableWatch } from './watch.ts';

export type { ConnectRequest, JoinRequest, Sandbox };

export interface NetworkService
  extends Catalogue,
    Pick<Attachments, 'connect' | 'disconnect' | 'describe' | 'join' | 'leave'> {
  /** Makes the networks ready. What is missing for one is told by the first container that needs it. */
  start(): Promise<void>;
  /** Takes the bridges and the rules away, unless containers still run. */
  stop(): Promise<void>;
  /** Refuses what no container can be created with. */
  check(hostConfig: HostConfig, config: ContainerConfig): void;
  /** After a restart: keeps what running containers own, restores their ports and rules, removes the rest. */
  reconcile(running: Set<string>): Promise<void>;
  /** A container is called something else now, and has other names in its networks. */
  rename(containerId: string, name: string, dnsNames: (wishes: EndpointWishes) => string[]): void;
}

export interface NetworkServiceDependencies {
  config: Pick<
    EngineConfig,
    'execRoot' | 'bridge' | 'bip' | 'dns' | 'dnsSearch' | 'dnsOptions' | 'addressPools'
  >;
  database: Database;
  events: EventBus;
  /** Tells this engine from others on the machine. */
  engineId: string;
  /** Whether this process has a mount namespace of its own: what is made in it then stays out of sight. */
  ownMounts: boolean;
  /** Finds the container that another one wants to share the network of. Throws when there is none. */
  container(nameOrId: string): { id: string; running: boolean };
  /** Names of the networks that containers want when they are started again. */
  wantedNetworks(): ReadonlySet<string>;
}

/** The networks that are always there, and their drivers. */
const predefined = { bridge: 'bridge', host: 'host', none: 'null' } as const;

export function createNetworkService(deps: NetworkServiceDependencies): NetworkService {
  const { config, engineId } = deps;
  const tag = tagOf(engineId);
  // The programs' working directory, so that no path of a user needs quoting.
  const scratch = join(config.execRoot, 'networks');
  const ip = createIp(scratch);
  const nft = createNft(scratch);
  const store = createNetworkStore(deps.database);
  const sandboxes = createSandboxes({ ip, tag, scratch, ownMounts: deps.ownMounts });
  const firewall = createFirewall({ nft, table: `davit_${tag}` });
  const ports = createPortAllocator();
  const names = createNameServer({
    directory: createDirectory(store),
    upstreams: (containerId) => {
      const { dns = [] } = store.sandbox(containerId) ?? {};
      return dns.length > 0 ? dns : resolverFor('host', config).servers;
    },
  });
  const watch = createTableWatch({ table: `davit_${tag}`, cwd: scratch, restore: firewall.restore });
  const endpoints = createEndpoints({ ip, store, sandboxes, names, firewall });
  const attachments = createAttachments({
    ...deps,
    ...{ store, sandboxes, endpoints, ports, firewall, names, prepare, nameOf },
    told: config,
  });
  const { redirectsOf } = attachments;
  const catalogue = createCatalogue({
    ...deps,
    store,
    surroundings: () => ({
      engineId,
      networks: store.networks(),
      inUse: subnetsInUse(),
      pools: config.addressPools.length > 0 ? poolsOf(config.addressPools) : defaultPools,
    }),
    async bringUp(network) {
      const parent = parentOf(network);
      if (parent) return tryParent(parent);
      try {
        await userReady(network);
        names.changed();
      } catch (error) {
        created.delete(network.id);
        throw error;
      }
    },
    async takeDown(network) {
      created.delete(network.id);
      names.changed();
      if (!isBridge(network)) return;
      await removeDevice(ip, network.bridge);
      await asFarAsItGoes('cannot take the rules of a network away', firewall.guard(guardedNetworks()));
    },
  });
  const { find } = catalogue;
  /** Has a network that someone created ready, by its ID. */
  const created = new Map<string, () => Promise<void>>();

  const ready = untilItWorks(async () => {
    mkdirSync(scratch, { recursive: true });
    await sandboxes.prepare();
  });

  const guardedNetworks = () => store.networks().filter(isBridge).map(guardedNetwork);

  const rulesReady = untilItWorks(() =>
    firewall.load({
      networks: guardedNetworks(),
      redirects: store.sandboxes().flatMap(redirectsOf),
      ports: store
        .endpoints()
        .filter(({ link }) => link !== '')
        .map(portOf),
    }),
  );

  const defaultReady = untilItWorks(async () => {
    await ready();
    // The one program comes up while the other makes the bridge.
    const awake = nft.send().catch((error) => error);
    const { network, made } = await bringUpBridge({ ...deps, ip, store });
    const failure = await awake;
    if (failure) throw failure;
    if (made) await endpoints.replug(network);
    await rulesReady();
    await firewall.guard(guardedNetworks());
    endpoints.prepare(network);
  });

  /** Brings a network up that someone created. */
  function userReady(network: NetworkRecord): Promise<void> {
    const known = created.get(network.id);
    if (known) return known();
    const step = untilItWorks(async () => {
      await ready();
      if (isBridge(network)) {
        if (await bringUpUserBridge({ ...deps, ip }, network)) await endpoints.replug(network);
        await rulesReady();
        await firewall.guard(guardedNetworks());
      }
      endpoints.prepare(network);
    });
    created.set(network.id, step);
    return step();
  }

  function nameOf(nameOrId: string): string {
    try {
      return find(nameOrId).name;
    } catch {
      return nameOrId;
    }
  }

  async function prepare(name: string): Promise<NetworkRecord> {
    const network = find(name);
    if (isNamed({ network })) await userReady(network);
    else if (network.driver === 'bridge') await defaultReady();
    else await ready();
    return find(network.id);
  }

  return {
    ...attachments,
    ...catalogue,

    async connect(request) {
      const sandbox = await attachments.connect(request);
      watch.begin();
      return sandbox;
    },

    async disconnect(containerId) {
      await attachments.disconnect(containerId);
      if (store.sandboxes().length === 0) watch.rest();
    },

    async start() {
      mkdirSync(scratch, { recursive: true });
      await endLeftovers(scratch, ['ip', 'nft']);
      for (const [name, driver] of Object.entries(predefined)) {
        if (store.network(name)) continue;
        const id = randomBytes(32).toString('hex');
        const created = new Date().toISOString();
        const none = { bridge: '', subnet: '', gateway: '', subnet6: '', gateway6: '' };
        store.saveNetwork({ id, name, driver, created, ...none, wishes: plainNetwork });
      }
      const bringUp = async () => {
        await ready();
        await endpoints.discardSpares();
        await defaultReady();
      };
      await asFarAsItGoes('the default network is not ready', bringUp());
      const others = store.networks().filter((network) => !isPredefined(network));
      await Promise.all(
        others.map((network) => asFarAsItGoes(`network ${network.name} is not ready`, userReady(network))),
      );
    },

    async stop() {
      watch.end();
      await endpoints.close();
      names.closeAll();
      for (const { containerId } of store.sandboxes()) ports.release(containerId);
      const used = new Set(store.endpoints().map(({ networkId }) => networkId));
      const idle = store.networks().filter((network) => isBridge(network) && !used.has(network.id));
      const outlived = store.endpoints().some(({ link }) => link !== '');
      const steps = [
        ...idle.map(({ bridge }) => removeDevice(ip, bridge)),
        ...(outlived ? [] : [firewall.remove()]),
      ];
      await Promise.all(steps.map((step) => asFarAsItGoes('cannot take a network away', step)));
      await Promise.all([ip.close(), nft.close()]);
    },

    check(hostConfig, containerConfig) {
      const mode = parseNetworkMode(hostConfig.NetworkMode);
      checkNetworkOptions(mode, hostConfig, containerConfig);
      if (mode.kind === 'container') deps.container(mode.container);
      parsePortRequests({
        portBindings: hostConfig.PortBindings,
        exposedPorts: Object.keys(containerConfig.ExposedPorts ?? {}),
        publishAll: hostConfig.PublishAllPorts,
      });
    },

    async reconcile(running) {
      const before = store.sandboxes();
      for (const { containerId } of before) {
        if (!running.has(containerId)) await attachments.disconnect(containerId);
      }
      const own = store
        .networks()
        .filter(isBridge)
        .map(({ bridge }) => bridge);
      const there = [...deviceNames()].filter((name) => own.includes(name));
      await asFarAsItGoes('cannot take old networks away', endpoints.collect(there));
      await asFarAsItGoes('cannot take old bridges away', removeStrangeBridges(own));
      for (const { containerId } of store.sandboxes()) {
        await asFarAsItGoes('a container may have lost its way out', attachments.settle(containerId));
      }
      for (const sandbox of store.sandboxes()) {
        const redirects = redirectsOf(sandbox);
        const [first] = redirects;
        if (first) await ports.retake(sandbox.containerId, redirects, first.target);
        const isNamed = attachments.describe(sandbox.containerId)?.dns.embedded;
        const open = () => names.open(sandbox.containerId, sandbox.key);
        if (isNamed) await asFarAsItGoes('a container cannot ask for names', open());
      }
      if (guardedNetworks().length > 0)
        await asFarAsItGoes('cannot restore the firewall', firewall.restore());
      if (store.sandboxes().length > 0) watch.begin();
    },

    rename(containerId, name, dnsNames) {
      const members = store.endpointsOf(containerId);
      store.rename(containerId, name, new Map(members.map(({ id, wishes }) => [id, dnsNames(wishes)])));
      names.changed();
    },
  };

  async function removeStrangeBridges(own: readonly string[]): Promise<void> {
    for (const bridge of await ownBridges(engineId))
      if (!own.includes(bridge)) await removeDevice(ip, bridge);
  }
}

/** Whether a network has a bridge of ours, or had one. */
function isBridge({ driver, bridge }: NetworkRecord): boolean {
  return driver === 'bridge' && bridge !== '';
}

function guardedNetwork(network: NetworkRecord): GuardedNetwork {
  const { bridge, subnet, subnet6, gateway, gateway6, wishes } = network;
  const masquerade = isOn(wishes.options, 'com.docker.network.bridge.enable_ip_masquerade') ?? true;
  return {
    bridge,
    subnet,
    subnet6,
    gateway,
    gateway6,
    internal: wishes.internal,
    modes: { ip: gatewayMode(wishes.options, 'ip'), ip6: gatewayMode(wishes.options, 'ip6') },
    masquerade,
    isolated: isIsolated(network),
  };
}

/** Part of the names of all that the engine makes in the kernel. */
function tagOf(engineId: string): string {
  const tag = engineId.replace(/[^A-Za-z0-9]/g, '').slice(0, 12);
  if (tag === '' || !/^[\w-]{1,64}$/.test(engineId)) throw new Error(`not an ID of an engine: ${engineId}`);
  return tag;
}

/** Waits for something whose failure must not keep the engine from its other work. */
async function asFarAsItGoes(complaint: string, step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    log.warn(complaint, { error: messageOf(error) });
  }
}

/** Does something once; after a failure, again when it is needed again. */
function untilItWorks(step: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= step().catch((error) => {
      done = null;
      throw explained(error);
    });
    return done;
  };
}
