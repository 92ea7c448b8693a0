import { join } from 'node:path';
import type { EngineConfig } from '../config.ts';
import type { EventBus } from '../events/bus.ts';
import type { ImageService } from '../images/service.ts';
import { createLocks, type Locks } from '../lock.ts';
import { createLogStore, type LogStore } from '../logs/store.ts';
import type { NetworkService } from '../networks/service.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ContainerRecord, ContainerStore } from '../state/containers.ts';
import type { LendingRootStore } from '../storage/lend.ts';
import type { Propagation } from '../storage/propagation.ts';
import type { VolumeService } from '../volumes/service.ts';
import { type Audience, createAudience } from './audience.ts';
import { type ConsoleHub, createConsoleHub } from './hub.ts';
import { createTurnstile, type Turnstile } from './turnstile.ts';

export interface ContainerServiceDependencies {
  config: EngineConfig;
  /** Tells the engine's cgroups apart from those of others. */
  engineId: string;
  store: ContainerStore;
  images: Pick<ImageService, 'resolve' | 'inspect' | 'commit'>;
  roots: LendingRootStore;
  runtime: Runtime;
  networks: Pick<
    NetworkService,
    'check' | 'connect' | 'disconnect' | 'reconcile' | 'describe' | 'find' | 'join' | 'leave' | 'rename'
  >;
  volumes: Pick<
    VolumeService,
    'check' | 'create' | 'path' | 'isReadOnly' | 'fill' | 'mount' | 'unmount' | 'remove' | 'reconcile'
  >;
  propagation: Propagation;
  events: EventBus;
}

/** What is known of a container only as long as the engine runs. */
export interface Live {
  /** Those who are attached to a container without a log. */
  hub: ConsoleHub;
  /** Those who are shown what its log gets. */
  audience: Audience;
  /** Passed when the container runs. */
  starts: Turnstile<void>;
  /** Passed when nothing more is printed: all is in the log, or the container did not start. */
  silences: Turnstile<void>;
  /** Passed when the container ends, with its exit code. */
  exits: Turnstile<number>;
  /** Passed when it is removed, with its last exit code. */
  removals: Turnstile<number>;
  /** Set while the container is being started; takes the code of one that ends at once. */
  starting: { exitCode: number | null } | null;
  removing: boolean;
  /** Someone restarts it: its end is not the end of it. */
  restarting: boolean;
  /** Its last end has been told to everyone. */
  announced: Promise<void>;
  restartTimer: NodeJS.Timeout | null;
  /** Variables that are written down nowhere. */
  unrecorded: readonly string[];
  /** Milliseconds that the last restart by a policy waited. */
  backOff: number;
}

/** What the parts of the container service share. */
export interface Context extends ContainerServiceDependencies {
  locks: Locks;
  /** The engine ends and takes its containers along: they start again with it as far as their policies say. */
  shuttingDown: boolean;
  live(record: ContainerRecord): Live;
  forget(id: string): void;
  /** The folder of a container's files. */
  folder(id: string): string;
  logs: LogStore;
  publish(action: string, record: ContainerRecord, attributes?: Record<string, string>): void;
}

export function createContext(dependencies: ContainerServiceDependencies): Context {
  const { runtime } = dependencies;
  const lives = new Map<string, Live>();
  const folder = (id: string) => join(dependencies.config.dataRoot, 'containers', id);
  const logs = createLogStore(
    (id) => join(folder(id), 'ctr.log'),
    (id) => ({
      reopen: () => runtime.reopenLogs(runtime.bundle(id)),
      isAsked: () => runtime.isBeingTold(runtime.bundle(id)),
    }),
  );
  return {
    ...dependencies,
    locks: createLocks(),
    shuttingDown: false,
    live(record) {
      const known = lives.get(record.id);
      if (known) return known;
      const { Tty, StdinOnce } = record.config;
      const live: Live = {
        hub: createConsoleHub({ tty: Tty, inputEnds: StdinOnce && !Tty }),
        audience: createAudience(),
        starts: createTurnstile(),
        silences: createTurnstile(),
        exits: createTurnstile(),
        removals: createTurnstile(),
        starting: null,
        removing: false,
        restarting: false,
        announced: Promise.resolve(),
        restartTimer: null,
        unrecorded: [],
        backOff: 0,
      };
      lives.set(record.id, live);
      return live;
    },
    forget(id) {
      lives.delete(id);
      logs.forget(id);
    },
    folder,
    logs,
    publish(action, record, attributes = {}) {
      const { Labels, Image } = record.config;
      dependencies.events.publish('container', action, record.id, {
        ...Labels,
        image: Image,
        name: record.name,
        ...attributes,
      });
    },
  };
}
