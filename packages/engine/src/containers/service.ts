import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type {
  ContainerChange,
  ContainerCreateAnswer,
  ContainerInspect,
  ContainerPruneAnswer,
  ContainerStats,
  ContainerSummary,
  ContainerTop,
  ContainerUpdateAnswer,
  EndpointSettings,
  Filters,
  HostConfig,
  PathStat,
} from '@davit/api';
import { now } from '../clock.ts';
import { EngineError, messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import { sizeOf } from '../storage/usage.ts';
import { type ArchiveAnswer, type ExtractRequest, readArchive, statPath, writeArchive } from './archive.ts';
import { type AttachOptions, attachClient } from './attach.ts';
import { listChanges } from './changes.ts';
import { type CommitRequest, commitContainer } from './commit.ts';
import { type ContainerServiceDependencies, type Context, createContext } from './context.ts';
import { type CreateOptions, createContainer } from './create.ts';
import { exitTime } from './ending.ts';
import { checkRunning, createExecs, type Execs } from './exec.ts';
import { exportContainer } from './export.ts';
import { selectContainers } from './filters.ts';
import { createHealthMonitor } from './health.ts';
import { inspectContainer, summarize } from './inspect.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { linkNames, removeLink } from './links.ts';
import { type LogRequest, openLog } from './logrequest.ts';
import { checkNewName } from './names.ts';
import { dnsNamesOf, joinNetwork, leaveNetwork } from './networks.ts';
import { pruneContainers } from './prune.ts';
import { reconcile, watchForLost } from './reconcile.ts';
import { type StatsRequest, watchStats } from './stats.ts';
import { listProcesses } from './top.ts';
import { updateContainer } from './update.ts';

export interface ListOptions {
  all: boolean;
  limit: number | null;
  size: boolean;
  filters: Filters;
}

export interface ContainerService
  extends Pick<Lifecycle, 'start' | 'stop' | 'kill' | 'pause' | 'unpause' | 'restart' | 'remove' | 'wait'> {
  readonly execs: Omit<Execs, 'exited' | 'capture'>;
  create(options: CreateOptions): Promise<ContainerCreateAnswer>;
  list(options: ListOptions): Promise<ContainerSummary[]>;
  inspect(name: string, size: boolean): Promise<ContainerInspect>;
  top(name: string, psArgs: string): Promise<ContainerTop>;
  attach(name: string, options: AttachOptions, ...connection: Connection): Promise<void>;
  logs(
    name: string,
    request: LogRequest,
    version: string,
    signal: AbortSignal,
  ): Promise<{ contentType: string; body: AsyncIterable<Uint8Array> }>;
  /** Takes the link of a name such as `web/db` away. */
  removeLink(name: string): Promise<void>;
  /** What is at a path in a container. */
  statPath(name: string, path: string): Promise<PathStat>;
  readArchive(name: string, path: string): Promise<ArchiveAnswer>;
  writeArchive(name: string, request: ExtractRequest, archive: AsyncIterable<Buffer>): Promise<void>;
  export(name: string): Promise<AsyncIterable<Uint8Array>>;
  changes(name: string): Promise<ContainerChange[]>;
  /** Makes an image of a container; returns its ID. */
  commit(request: CommitRequest): Promise<string>;
  /** What a container uses, once or every second. */
  stats(name: string, request: StatsRequest, signal: AbortSignal): AsyncIterable<ContainerStats>;
  /** Changes limits and restart policy. */
  update(name: string, wished: HostConfig): Promise<ContainerUpdateAnswer>;
  /** Removes what does not run, as far as the filters say. */
  prune(filters: Filters): Promise<ContainerPruneAnswer>;
  resize(name: string, rows: number, columns: number): Promise<void>;
  rename(name: string, newName: string): Promise<void>;
  /** Puts a container into one more network, at once when it runs. */
  joinNetwork(name: string, network: string, settings: EndpointSettings | null): Promise<void>;
  leaveNetwork(name: string, network: string, force: boolean): Promise<void>;
  /** Makes the recorded state true; from then on containers that end are taken notice of. */
  reconcile(): Promise<void>;
  /** Stops all containers with the engine, each within `seconds`. */
  stopAll(seconds: number): Promise<void>;
  /** Takes no more notice of anything. Containers run on. */
  close(): void;
}

type Connection =
  Parameters<typeof attachClient> extends [Context, string, AttachOptions, ...infer Rest] ? Rest : never;

/** The containers of an engine. */
export function createContainerService(dependencies: ContainerServiceDependencies): ContainerService {
  const context = createContext(dependencies);
  const { store, runtime, networks, images } = context;
  mkdirSync(dirname(context.folder('any')), { recursive: true, mode: 0o710 });
  const lifecycle = createLifecycle(context);
  const execs = createExecs(context);
  const health = createHealthMonitor(context, execs);
  const closers: (() => void)[] = [];

  const onExit = (id: string, exitCode: number): void => {
    if (execs.exited(id, exitCode)) return;
    const done = store.get(id)
      ? lifecycle.exited(id, exitCode, exitTime(context.config.execRoot, id) ?? now())
      : // An exec of an engine before this one, or a container that is gone.
        runtime.delete(id);
    done.catch((error: unknown) => log.error(`cannot end ${id}: ${messageOf(error)}`));
  };

  /** What a container's image is called now: its ID, when the name it was made with means another one. */
  const imageNow = ({ config, imageId }: ContainerRecord): string => {
    if (config.Image === imageId) return imageId;
    try {
      return images.resolve(config.Image).id === imageId ? config.Image : imageId;
    } catch {
      return imageId;
    }
  };
  const sizesOf = async ({ id, imageId, layers }: ContainerRecord) => {
    const SizeRw = await sizeOf(context.roots.describe(id, [...layers]).UpperDir ?? '');
    return { SizeRw, SizeRootFs: SizeRw + imageSize(imageId) };
  };
  const imageSize = (id: string): number => {
    try {
      return images.inspect(id).Size;
    } catch {
      return 0;
    }
  };
  const prune = pruneContainers(context, {
    remove: (id) => lifecycle.remove(id, { force: false }),
    size: async (record) => (await sizesOf(record)).SizeRw,
  });
  const findImage = (name: string) => {
    try {
      return images.resolve(name);
    } catch {
      return null;
    }
  };

  return {
    start: lifecycle.start,
    stop: lifecycle.stop,
    kill: lifecycle.kill,
    stats: (name, request, signal) => watchStats(context, store.find(name).id, request, signal),
    update: (name, wished) => updateContainer(context, name, wished),
    pause: lifecycle.pause,
    unpause: lifecycle.unpause,
    restart: lifecycle.restart,
    remove: lifecycle.remove,
    wait: lifecycle.wait,
    execs,
    create: (options) => createContainer(context, options),
    attach: (name, options, ...connection) => attachClient(context, name, options, ...connection),
    statPath: (name, path) => statPath(context, name, path),
    readArchive: (name, path) => readArchive(context, name, path),
    writeArchive: (name, request, archive) => writeArchive(context, name, request, archive),
    export: (name) => exportContainer(context, name),
    changes: (name) => listChanges(context, name),
    commit: (request) => commitContainer(context, request),
    logs: (name, ...request) => openLog(context, name, ...request),
    top: (name, psArgs) => listProcesses(context, name, psArgs),

    prune,
    removeLink: (name) => removeLink(context, name),

    async list(options) {
      const all = store.all();
      const candidates = all.map((record) => ({ record, sandbox: networks.describe(record.id) }));
      const at = now();
      const selected = selectContainers(candidates, options, { find: store.find, image: findImage });
      return Promise.all(
        selected.map(async ({ record, sandbox }) => ({
          ...summarize(record, sandbox, imageNow(record), at, linkNames(all, record.id)),
          ...(options.size && (await sizesOf(record))),
        })),
      );
    },

    async inspect(name, size) {
      const record = store.find(name);
      const found = inspectContainer(context, record, execs.runningIn(record.id));
      return size ? { ...found, ...(await sizesOf(record)) } : found;
    },

    joinNetwork: (name, ...request) => joinNetwork(context, name, ...request),
    leaveNetwork: (name, ...request) => leaveNetwork(context, name, ...request),

    async resize(name, rows, columns) {
      const record = store.find(name);
      checkRunning(record);
      if (record.config.Tty) await runtime.resize(runtime.bundle(record.id), rows, columns);
      context.publish('resize', record, { height: String(rows), width: String(columns) });
    },

    async rename(name, newName) {
      if (newName === '') throw new EngineError('badParameter', 'Neither old nor new names may be empty');
      const { id } = store.find(name);
      await context.locks.run(id, async () => {
        const record = store.find(id);
        const checked = checkNewName(newName);
        if (checked === record.name) {
          throw new EngineError(
            'badParameter',
            'Renaming a container with the same name as its current name',
          );
        }
        const renamed = store.rename(id, checked);
        networks.rename(id, checked, ({ aliases }) => dnsNamesOf(renamed, aliases));
        context.publish('rename', renamed, { oldName: `/${record.name}` });
      });
    },

    async reconcile() {
      await reconcile(context, lifecycle);
      closers.push(
        runtime.watchExits(onExit),
        watchForLost(context, lifecycle),
        health.close,
        context.logs.close,
      );
      health.resume();
    },

    async stopAll(seconds) {
      context.shuttingDown = true;
      const stopping = store
        .all()
        .filter(isRunning)
        .map(({ id, config: { StopTimeout } }) => {
          const own = StopTimeout === null || StopTimeout < 0 ? seconds : StopTimeout;
          return lifecycle.stop(id, { signal: '', timeout: Math.min(own, seconds) });
        });
      await Promise.allSettled(stopping);
    },

    close() {
      for (const close of closers.splice(0)) close();
    },
  };
}
