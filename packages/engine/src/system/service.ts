import { availableParallelism, hostname, release as kernelRelease, machine, totalmem } from 'node:os';
import {
  apiVersion,
  type ContainerStatus,
  type DiskUsage,
  type EventMessage,
  minimumApiVersion,
  type SystemInfo,
  type SystemVersion,
} from '@davit/api';
import type { EventBus } from '../events/bus.ts';
import { type proxyNames, proxyVariable, withoutPassword } from '../proxies.ts';
import { cgroupSupport } from '../runtime/cgroup.ts';
import { askComponents } from '../runtime/components.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { DaemonConfig } from '../settings/daemon.ts';
import { type DiskUsageSources, diskUsage } from './diskusage.ts';
import { type EventQuery, openEvents } from './events.ts';
import { fileSystemOf, kernelSwitch, openFiles, readOperatingSystem } from './host.ts';
import { registryConfig } from './registries.ts';
import { architecture, release } from './release.ts';

/** How many containers there are in each state, and how many images. */
export interface Census {
  running: number;
  paused: number;
  stopped: number;
  images: number;
}

/** Counts containers as `docker info` does: one that waits for its restart runs. */
export function countByState(records: { state: { status: ContainerStatus } }[]): Omit<Census, 'images'> {
  const count = (...wanted: ContainerStatus[]) =>
    records.filter(({ state }) => wanted.includes(state.status)).length;
  const running = count('running', 'restarting');
  const paused = count('paused');
  return { running, paused, stopped: records.length - running - paused };
}

export interface SystemService {
  version(): Promise<SystemVersion>;
  info(): Promise<SystemInfo>;
  /** How much room things take; `kinds` selects some of them, `version` is the client's. */
  diskUsage(kinds: readonly string[], version: string): Promise<DiskUsage>;
  /** Throws for a query that makes no sense, before the first event. */
  events(query: EventQuery, signal: AbortSignal): AsyncGenerator<EventMessage>;
}

export interface SystemDependencies {
  config: DaemonConfig;
  /** The engine's identity, kept in its data root. */
  id: string;
  events: EventBus;
  runtime: Pick<Runtime, 'name' | 'path' | 'known' | 'cgroupVersion' | 'facts'>;
  census(): Census;
  usage: DiskUsageSources;
}

/** Tells what this engine is, what it runs on and what happens in it. */
export function createSystemService(deps: SystemDependencies): SystemService {
  const { config, runtime, events } = deps;
  const components = once(() => askComponents({ runtime, init: config.initPath || 'docker-init' }));
  const support = once(cgroupSupport);
  return {
    events: (query, signal) => openEvents(events, query, signal),
    diskUsage: (kinds, version) => diskUsage(deps.usage, kinds, version),

    async version() {
      const engine = {
        ApiVersion: apiVersion,
        Arch: architecture,
        BuildTime: release.built,
        Experimental: 'false',
        GitCommit: release.commit,
        GoVersion: release.goVersion,
        KernelVersion: kernelRelease(),
        MinAPIVersion: minimumApiVersion,
        Os: 'linux',
      };
      const others = (await components()).map(({ name, version, commit }) => ({
        Name: name,
        Version: version,
        Details: { GitCommit: commit },
      }));
      const { Experimental: _, ...fields } = engine;
      return {
        Platform: { Name: 'davit engine' },
        Components: [{ Name: 'Engine', Version: release.version, Details: engine }, ...others],
        Version: release.version,
        ...fields,
      };
    },

    async info() {
      const { Warnings: cgroupWarnings, ...limits } = await support();
      const known = await components();
      const commitOf = (name: string) => ({ ID: known.find((one) => one.name === name)?.commit ?? '' });
      const census = deps.census();
      const system = readOperatingSystem();
      return {
        ID: deps.id,
        Containers: census.running + census.paused + census.stopped,
        ContainersRunning: census.running,
        ContainersPaused: census.paused,
        ContainersStopped: census.stopped,
        Images: census.images,
        Driver: 'overlay2',
        DriverStatus: [
          ['Backing Filesystem', fileSystemOf(config.dataRoot)],
          ['Supports d_type', 'true'],
          ['userxattr', 'false'],
        ],
        Plugins: {
          Volume: ['local'],
          Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null'],
          Authorization: null,
          Log: ['journald', 'json-file', 'local', 'syslog'],
        },
        ...limits,
        IPv4Forwarding: kernelSwitch('net/ipv4/ip_forward'),
        BridgeNfIptables: kernelSwitch('net/bridge/bridge-nf-call-iptables'),
        BridgeNfIp6tables: kernelSwitch('net/bridge/bridge-nf-call-ip6tables'),
        Debug: config.debug,
        NFd: openFiles(),
        NGoroutines: process.getActiveResourcesInfo().length,
        SystemTime: new Date().toISOString(),
        LoggingDriver: config.logConfig.Type,
        CgroupDriver: 'cgroupfs',
        CgroupVersion: String(runtime.cgroupVersion),
        NEventsListener: events.listeners,
        KernelVersion: kernelRelease(),
        OperatingSystem: system.name,
        OSVersion: system.version,
        OSType: 'linux',
        Architecture: machine(),
        IndexServerAddress: 'https://index.docker.io/v1/',
        RegistryConfig: registryConfig(config.registryMirrors, config.insecureRegistries),
        NCPU: availableParallelism(),
        MemTotal: totalmem(),
        GenericResources: null,
        DockerRootDir: config.dataRoot,
        HttpProxy: shownProxy('HTTP_PROXY'),
        HttpsProxy: shownProxy('HTTPS_PROXY'),
        NoProxy: shownProxy('NO_PROXY'),
        Name: hostname(),
        Labels: config.labels,
        ExperimentalBuild: false,
        ServerVersion: release.version,
        Runtimes: runtime.known(),
        DefaultRuntime: runtime.name,
        Swarm: {
          NodeID: '',
          NodeAddr: '',
          LocalNodeState: 'inactive',
          ControlAvailable: false,
          Error: '',
          RemoteManagers: null,
        },
        LiveRestoreEnabled: config.liveRestore,
        Isolation: '',
        InitBinary: config.initPath || 'docker-init',
        ContainerdCommit: { ID: '' },
        RuncCommit: commitOf(runtime.name),
        InitCommit: commitOf('docker-init'),
        SecurityOptions: [
          ...(runtime.facts.seccomp ? ['name=seccomp,profile=builtin'] : []),
          ...(runtime.cgroupVersion === 2 ? ['name=cgroupns'] : []),
        ],
        Warnings: [...cgroupWarnings, ...openAddresses(config)],
      };
    },
  };
}

/** What makes everyone who reaches the engine root of this machine. */
function openAddresses(config: DaemonConfig): string[] {
  if (config.tls.verify) return [];
  return config.hosts
    .filter((host) => host.startsWith('tcp://'))
    .map((host) => {
      const [what, scheme] = config.tls.enabled ? ['client authentication', 'https'] : ['encryption', 'http'];
      return `WARNING: API is accessible on ${host.replace('tcp', scheme)} without ${what}.\n         Whoever reaches it is root of this machine.`;
    });
}

const shownProxy = (name: (typeof proxyNames)[number]): string =>
  withoutPassword(proxyVariable(process.env, name));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
