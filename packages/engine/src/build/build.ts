import type { HostConfig } from '@davit/api';
import type { ContainerService } from '../containers/service.ts';
import type { DetachedImage } from '../images/detached.ts';
import type { ImageService } from '../images/service.ts';
import type { Credentials } from '../registry/credentials.ts';
import type { BuildStore } from '../state/builds.ts';
import type { LayerStore } from '../storage/layers.ts';
import type { RootStore } from '../storage/overlay.ts';
import type { StepCache } from './cache.ts';
import type { CacheMounts } from './cachemounts.ts';
import type { BuildContext } from './contextspool.ts';
import type { KnownContext } from './known/contexts.ts';
import type { Origins } from './origins.ts';
import type { Plan } from './plan.ts';
import type { BuildProgress } from './progress.ts';
import type { CacheSource, CacheTarget, ImportedCache } from './remotecache/places.ts';

/** What a build is asked for, whoever asks. */
export interface BuildOptions {
  /** URL that the context is fetched from; empty: it is sent along. */
  remote: string;
  /** Context of which only some files are sent; null when all of it is. */
  known: KnownContext | null;
  /** Path of the Dockerfile in the context; empty for the usual one. */
  dockerfile: string;
  names: string[];
  buildArgs: Record<string, string | null>;
  labels: Record<string, string>;
  target: string;
  platform: string;
  noCache: boolean;
  /** Images that steps may be taken from. */
  cacheFrom: string[];
  pull: boolean;
  quiet: boolean;
  /** Whether the containers of RUN are removed, also when it fails. */
  removeContainers: boolean;
  removeFailed: boolean;
  /** Limits and network of RUN. */
  hostConfig: Partial<HostConfig>;
  credentialsFor(domain: string): Credentials;
  inputs: BuildInputs;
}

/** What the classic request has no field for. */
export interface BuildInputs {
  secrets: Map<string, Buffer>;
  /** Sockets of SSH agents on this machine, by their IDs. */
  agents: Map<string, string>;
  /** Named contexts: folders that were sent, or images by their names. */
  contexts: Map<string, { context: BuildContext } | { image: string }>;
  /** Entitlements that the user gave: `network.host`, `security.insecure`. */
  allowed: Set<string>;
  /** Stages that are built anew, in lower case. */
  noCacheStages: string[];
  cacheFrom: CacheSource[];
  cacheTo: CacheTarget[];
  /** Caches that were made for the client, by the names that it gave them. */
  caches: Map<string, DetachedImage>;
  /** Earlier contexts that some of these take files from. */
  packs: string[];
  /** Keeps a layer as long as these inputs are there. */
  held(layer: { diffId: string }): void;
}

/** What the parts of the build service share. */
export interface Services {
  dataRoot: string;
  execRoot: string;
  images: ImageService;
  containers: Pick<ContainerService, 'create' | 'attach' | 'start' | 'wait' | 'remove'>;
  roots: RootStore;
  layers: LayerStore;
  store: BuildStore;
  cache: StepCache;
  mounts: CacheMounts;
}

/** One build that is under way. */
export interface Build extends Services {
  options: BuildOptions;
  plan: Plan;
  progress: BuildProgress;
  context: BuildContext;
  origins: Origins;
  /** A folder for what is gone with the build. */
  folder: string;
  /** The same for what must not reach the disk. */
  privateFolder: string;
  signal: AbortSignal;
  /** Seconds of Unix time after which nothing was made, as far as the image tells; null: times are as they are. */
  epoch: number | null;
  held(layer: { diffId: string }): void;
  used(key: string): void;
  /** Told of a folder of RUN that was written to. */
  changed(key: string): void;
  imports: ImportedCache;
  /** Arguments that some ARG asked for. */
  consumed: Set<string>;
}
