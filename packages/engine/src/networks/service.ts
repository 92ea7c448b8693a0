import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig, HostConfig, NetworkInspect } from '@davit/api';
import type { EngineConfig } from '../config.ts';
import { EngineError, messageOf } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import { log } from '../log.ts';
import type { Database } from '../state/database.ts';
import { createNetworkStore, type NetworkRecord } from '../state/networks.ts';
import { type ConnectRequest, createAttachments, type Sandbox } from './attachments.ts';
import { bringUpBridge, removeDevice } from './bridge.ts';
import { createEndpoints } from './endpoints.ts';
import { explained } from './failure.ts';
import { createFirewall } from './firewall.ts';
import { createIp, createNft } from './interpreter.ts';
import { checkNetworkOptions, parseNetworkMode } from './mode.ts';
import { parsePortRequests } from './portmap.ts';
import { createPortAllocator } from './ports.ts';
import { createSandboxes } from './sandbox.ts';
import { networkInspect } from './view.ts';

export type { ConnectRequest, Sandbox };

export interface NetworkService {
  /** Makes the default network ready. What is missing for it is told by the first container that needs it. */
  start(): Promise<void>;
  /** Takes the bridge and the rules away, unless containers still run. */
  stop(): Promise<void>;
  /** Refuses what no container can be created with. */
  check(hostConfig: HostConfig, config: ContainerConfig): void;
  /** Gives a container its network; leaves nothing behind when it fails. */
  connect(request: ConnectRequest): Promise<Sandbox>;
  /** Takes a container's network away, if it has one. */
  disconnect(containerId: string): Promise<void>;
  /** After a restart: keeps what running containers own, restores their ports and rules, removes the rest. */
  reconcile(running: Set<string>): Promise<void>;
  describe(containerId: string): Sandbox | null;
  list(): NetworkInspect[];
  /** Finds a network by its name or ID, or the beginning of its ID. */
  inspect(nameOrId: string): NetworkInspect;
}

export interface NetworkServiceDependencies {
  config: Pick<EngineConfig, 'execRoot' | 'bridge' | 'bip' | 'dns' | 'dnsSearch' | 'dnsOptions'>;
  database: Database;
  events: EventBus;
  /** Tells this engine from others on the machine. */
  engineId: string;
  /** Whether this process has a mount namespace of its own: what is made in it then stays out of sight. */
  ownMounts: boolean;
  /** Finds the container that another one wants to share the network of. Throws when there is none. */
  container(nameOrId: string): { id: string; running: boolean };
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
  const endpoints = createEndpoints({ ip, store, sandboxes });
  const ports = createPortAllocator();
  const firewall = createFirewall({ nft, table: `davit_${tag}` });
  const attachments = createAttachments({
    ...deps,
    store,
    sandboxes,
    endpoints,
    ports,
    firewall,
    told: config,
    prepare,
  });
  const { redirectsOf } = attachments;
  let bridge = '';

  const ready = untilItWorks(async () => {
    mkdirSync(scratch, { recursive: true });
    sandboxes.prepare();
  });

  const bridgeReady = untilItWorks(async () => {
    await ready();
    // The one program comes up while the other makes the bridge.
    const awake = nft.send().catch((error) => error);
    const { network, made } = await bringUpBridge({ ...deps, ip, store });
    bridge = network.bridge;
    const failure = await awake;
    if (failure) throw failure;
    if (made) await endpoints.replug(network);
    await firewall.load({ networks: [network], redirects: store.sandboxes().flatMap(redirectsOf) });
    endpoints.prepare(network);
  });

  function known(name: string): NetworkRecord {
    const network = store.network(name);
    if (!network) throw new EngineError('notFound', `network ${name} not found`);
    return network;
  }

  async function prepare(name: string): Promise<NetworkRecord> {
    const { driver } = known(name);
    if (driver === 'bridge') await bridgeReady();
    else await ready();
    return known(name);
  }

  function view(network: NetworkRecord, withMembers: boolean): NetworkInspect {
    const members = store.endpoints().flatMap((endpoint) => {
      const sandbox = endpoint.networkId === network.id && store.sandbox(endpoint.containerId ?? '');
      return sandbox ? [{ name: sandbox.containerName, endpoint }] : [];
    });
    return networkInspect(network, withMembers ? members : []);
  }

  return {
    ...attachments,

    async start() {
      for (const [name, driver] of Object.entries(predefined)) {
        if (store.network(name)) continue;
        const id = randomBytes(32).toString('hex');
        const created = new Date().toISOString();
        store.saveNetwork({ id, name, driver, created, bridge: '', subnet: '', gateway: '' });
      }
      const bringUp = async () => {
        await ready();
        await endpoints.discardSpares();
        await bridgeReady();
      };
      await asFarAsItGoes('the default network is not ready', bringUp());
    },

    async stop() {
      await endpoints.close();
      for (const { containerId } of store.sandboxes()) ports.release(containerId);
      const outlived = store.endpoints().some(({ address }) => address !== 0);
      if (bridge !== '' && !outlived) {
        const steps = [removeDevice(ip, bridge), firewall.remove()];
        await Promise.all(steps.map((step) => asFarAsItGoes('cannot take the default network away', step)));
      }
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
      await asFarAsItGoes('cannot take old networks away', endpoints.collect(bridge));
      for (const sandbox of store.sandboxes()) {
        const redirects = redirectsOf(sandbox);
        const [first] = redirects;
        if (first) await ports.retake(sandbox.containerId, redirects, first.target);
      }
      if (bridge !== '') await asFarAsItGoes('cannot restore the firewall', firewall.restore());
    },

    list: () => store.networks().map((network) => view(network, false)),

    inspect(nameOrId) {
      const all = store.networks();
      const exact = all.find(({ name, id }) => name === nameOrId || id === nameOrId);
      const [begun, ...others] = all.filter(({ id }) => nameOrId !== '' && id.startsWith(nameOrId));
      const found = exact ?? (others.length === 0 ? begun : undefined);
      return view(found ?? known(nameOrId), true);
    },
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
