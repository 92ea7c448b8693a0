import type { Filters } from '@davit/api';
import type { LogLevel } from './log.ts';

/** A log driver and its options, as in a container's `LogConfig`. */
export interface LogConfig {
  Type: string;
  Config: Record<string, string> | null;
}

export interface RuntimeConfig {
  path: string;
  args: string[];
}

/** What may be removed of the cache of builds, and how much of it stays. Bounds are in bytes, 0 for none. */
export interface CacheRule {
  /** Also what images have as well, and what only says when something was done. */
  all: boolean;
  filters: Filters;
  /** Stays in any case. */
  reservedSpace: number;
  maxUsedSpace: number;
  /** Is to be free on the disk. */
  minFreeSpace: number;
}

/** How the cache of builds is kept in bounds. */
export interface BuilderConfig {
  collects: boolean;
  /** Applied one after the other; null: the usual ones with the bounds below, or with bounds that suit the disk. */
  rules: CacheRule[] | null;
  reservedSpace: number;
  maxUsedSpace: number;
  minFreeSpace: number;
  /** How many builds are remembered, and for how many milliseconds; an age of 0 is none. */
  history: { maxEntries: number; maxAge: number };
}

/** Everything the engine is told from outside, after flags and configuration file were merged and checked. */
export interface EngineConfig {
  /** Where it listens: `unix:///path`, `tcp://host:port` or `fd://`. */
  hosts: string[];
  /** Images, containers and state: what must outlive a reboot. */
  dataRoot: string;
  /** Sockets, bundles and process files: what a reboot may take. */
  execRoot: string;
  pidFile: string;
  /** Name of the default bridge; empty: chosen by the engine. */
  bridge: string;
  /** Address and prefix of the default bridge, as in `172.30.0.1/16`; empty: chosen by the engine. */
  bip: string;
  /** Where networks have their addresses from when nobody names any; empty: docker's own choice. */
  addressPools: { base: string; size: number }[];
  logLevel: LogLevel;
  debug: boolean;
  /** Name of the OCI runtime; empty: the one that works on this kernel. */
  defaultRuntime: string;
  runtimes: Record<string, RuntimeConfig>;
  /** Cgroup below which the containers' cgroups are made; empty: the engine's own. */
  cgroupParent: string;
  initPath: string;
  insecureRegistries: string[];
  registryMirrors: string[];
  /** Go before the environment variables of these names; empty for what was not given. */
  proxies: { HTTP_PROXY: string; HTTPS_PROXY: string; NO_PROXY: string };
  labels: string[];
  /** The log of containers that name no driver; its options are for all that have the same one. */
  logConfig: LogConfig;
  dns: string[];
  dnsSearch: string[];
  dnsOptions: string[];
  tls: { enabled: boolean; verify: boolean; caCert: string; cert: string; key: string };
  /** Seconds without a request and without a running container after which the engine ends; 0: never. */
  idleTimeout: number;
  builder: BuilderConfig;
}
