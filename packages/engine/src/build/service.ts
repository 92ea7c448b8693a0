import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildFinding, BuildInspect, BuildSummary } from '@davit/api';
import { EngineError, messageOf } from '../errors.ts';
import { familiarReference, newName, type Reference } from '../images/reference.ts';
import { log } from '../log.ts';
import { createBuildHistory } from '../state/buildhistory.ts';
import { type BuildStore, createBuildStore } from '../state/builds.ts';
import type { Database } from '../state/database.ts';
import { createImageStore } from '../state/images.ts';
import { roomBelow } from '../storage/room.ts';
import type { Build, BuildOptions, Services } from './build.ts';
import { createStepCache } from './cache.ts';
import { createCacheMounts } from './cachemounts.ts';
import { checkArgument, checkPlan } from './check.ts';
import { type Collector, type CollectorDependencies, createCollector } from './collector.ts';
import { readDockerfile, readIgnoreRules, removeOwnFiles } from './context.ts';
import { type BuildContext, receiveContext } from './contextspool.ts';
import { parseDockerfile } from './dockerfile/parse.ts';
import { executePlan } from './execute.ts';
import { imageFiles } from './files.ts';
import { createInputs, type InputsRegistry } from './inputs.ts';
import { createKnownContexts, type KnownContexts } from './known/contexts.ts';
import { createPackStore } from './known/packs.ts';
import { createOrigins } from './origins.ts';
import { type Plan, type PlanOptions, planBuild } from './plan.ts';
import type { BuildProgress } from './progress.ts';
import { createRecorder } from './recorder.ts';
import { exportCaches, usedSteps, withInlineCache } from './remotecache/export.ts';
import { openImports } from './remotecache/import.ts';
import { fetchContext } from './remotecontext.ts';
import { CommandFailed } from './run.ts';
import { fileOf } from './snapshot.ts';
import { untilAborted } from './untilaborted.ts';
import { createUses } from './uses.ts';
import { proxyArguments } from './variables.ts';

export interface BuildService extends Pick<Collector, 'usage' | 'prune'> {
  /** What clients give to builds besides the request. */
  readonly inputs: InputsRegistry;
  /** Contexts that are partly here. */
  readonly known: KnownContexts;
  /** The files of an image alone. Throws `notFound` before it begins. */
  files(image: string): Promise<AsyncIterable<Buffer>>;
  /** Builds an image of a context, and returns its ID. Throws before anything is told when the request is wrong. */
  build(
    context: AsyncIterable<Buffer>,
    options: BuildOptions,
    progress: BuildProgress,
    signal: AbortSignal,
  ): Promise<string>;
  /** What the build checks find in a Dockerfile. Throws `badParameter` when it cannot be read. */
  check(
    context: AsyncIterable<Buffer>,
    options: Omit<PlanRequest, 'labels'> & Pick<BuildOptions, 'remote'>,
    signal: AbortSignal,
  ): Promise<BuildFinding[]>;
  /** All builds that are remembered, the latest first. */
  history(): BuildSummary[];
  /** A build with its steps, by the beginning of its ID. Throws `notFound`, or `badParameter` when several fit. */
  inspect(id: string): BuildInspect;
  /** Removes what builds of an engine that was killed have left. */
  reconcile(): Promise<void>;
  /** Ends all builds and checks. */
  close(): Promise<void>;
}

export type BuildServiceDependencies = Omit<Services, 'cache' | 'store' | 'mounts'> &
  Pick<CollectorDependencies, 'settings' | 'events'> & { database: Database };

/** The builds of an engine. */
export function createBuildService(dependencies: BuildServiceDependencies): BuildService {
  const { database, layers, dataRoot, execRoot, containers, roots } = dependencies;
  const store: BuildStore = createBuildStore(database);
  const work = join(dataRoot, 'build', 'work');
  const privateWork = join(execRoot, 'builds');
  mkdirSync(work, { recursive: true, mode: 0o700 });
  const images = createImageStore(database);
  const mounts = createCacheMounts(dataRoot, store);
  const packs = createPackStore(join(dataRoot, 'build', 'contexts'));
  const cache = createStepCache({ store, layers, images });
  const services: Services = { ...dependencies, store, cache, mounts };
  const history = createBuildHistory(database);
  const uses = createUses();
  const collector = createCollector({
    ...dependencies,
    ...{ store, images, mounts, packs, layers: dependencies.images, isUsed: uses.isUsed },
  });
  const running = new Set<{ stop: AbortController; done: Promise<unknown> }>();

  const begin = async (
    context: AsyncIterable<Buffer>,
    options: BuildOptions,
    progress: BuildProgress,
    signal: AbortSignal,
    id: string,
  ): Promise<string> => {
    const names = options.names.map(readName);
    const folder = join(work, id);
    const privateFolder = join(privateWork, id);
    const { held, done } = services.images.holdLayers();
    const origins = createOrigins(roots);
    const used = uses.begin();
    let received: BuildContext | null = null;
    let keep: (() => Promise<void>) | undefined;
    const changed = new Set<string>();
    try {
      await mkdir(folder, { mode: 0o700 });
      await mkdir(privateFolder, { recursive: true, mode: 0o700 });
      const room = (await roomBelow(folder)).bytes;
      const place = join(folder, 'context');
      const completed = await options.known?.complete(context, place, room);
      received =
        completed?.context ?? (await takeContext(context, { remote: options.remote, place, room, signal }));
      for (const pack of [...(options.known?.packs ?? []), ...options.inputs.packs]) used.add(pack);
      keep = completed?.keep;
      const contexts = new Set(options.inputs.contexts.keys());
      const plan = await readPlan(received, { ...options, contexts });
      const { findings, fails } = checkPlan(plan, {
        ...{ buildArgs: options.buildArgs, images: services.images },
        ignore: await readIgnoreRules(received),
      });
      if (fails) throw checksFailed(findings);
      await removeOwnFiles(received, options.dockerfile);
      const build: Omit<Build, 'imports'> = {
        ...services,
        ...{ options, plan, progress, origins, folder, privateFolder, signal, held },
        context: received,
        epoch: epochOf(options.buildArgs),
        used: used.add,
        changed: (key) => void changed.add(key),
        consumed: new Set(),
      };
      return await carryOut(build, { names, findings, usedKeys: used.keys });
    } finally {
      await cleanUp([
        () => store.touch([...used.keys], new Date().toISOString()),
        () => origins.close(),
        () => received?.close(),
        () => keep?.(),
        ...[folder, privateFolder].map((path) => () => rm(path, { recursive: true, force: true })),
        done,
      ]);
      used.end();
      collector.collect(changed);
    }
  };

  /** Does something until the one who asked is gone, or the service is closed. */
  const untilClosed = async <Result>(
    signal: AbortSignal,
    work: (either: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const stop = new AbortController();
    const entry = { stop, done: work(AbortSignal.any([signal, stop.signal])) };
    running.add(entry);
    try {
      return await entry.done;
    } finally {
      running.delete(entry);
    }
  };

  return {
    build(context, options, progress, signal) {
      const id = randomBytes(12).toString('hex');
      const { names, target, dockerfile } = options;
      const record = createRecorder(history, dependencies.settings.history, {
        id,
        names,
        target,
        dockerfile,
      });
      return untilClosed(signal, async (either) => {
        try {
          const received = record.receiving(untilAborted(context, either));
          const image = await begin(received, options, record.watch(progress), either, id);
          record.end({ image });
          return image;
        } catch (error) {
          record.end({ error: messageOf(error), aborted: either.aborted });
          throw error;
        }
      });
    },

    check(context, options, signal) {
      return untilClosed(signal, async (either) => {
        const folder = join(work, randomBytes(12).toString('hex'));
        let received: BuildContext | null = null;
        try {
          await mkdir(folder, { mode: 0o700 });
          const room = (await roomBelow(folder)).bytes;
          const wanted = { remote: options.remote, place: join(folder, 'context'), room, signal: either };
          received = await takeContext(untilAborted(context, either), wanted);
          const plan = await readPlan(received, { ...options, labels: {} });
          const ignore = await readIgnoreRules(received);
          const { buildArgs } = options;
          return checkPlan(plan, { buildArgs, images: services.images, ignore }).findings;
        } finally {
          await cleanUp([() => received?.close(), () => rm(folder, { recursive: true, force: true })]);
        }
      });
    },

    async reconcile() {
      history.endAll('canceled');
      for (const { kind, id } of store.leases()) {
        try {
          if (kind === 'container') await containers.remove(id, { force: true });
          else await roots.remove(id);
        } catch (error) {
          const isGone = error instanceof EngineError && error.kind === 'notFound';
          if (!isGone) {
            log.warn('cannot remove what a build has left', { id, error: messageOf(error) });
            continue;
          }
        }
        store.removeLease(kind, id);
      }
      for (const name of await readdir(work)) await rm(join(work, name), { recursive: true, force: true });
      await rm(privateWork, { recursive: true, force: true });
      await rm(join(execRoot, 'agents'), { recursive: true, force: true });
      await collector.reconcile();
    },
    known: createKnownContexts(packs, store),
    inputs: createInputs({ dataRoot, execRoot, images: dependencies.images }),
    files: (image) => imageFiles(services, image),
    history: history.all,

    inspect(id) {
      const found = /^[0-9a-f]+$/.test(id) ? history.find(id) : [];
      const [build] = found;
      if (!build) throw new EngineError('notFound', `No such build: ${id}`);
      if (found.length > 1) throw new EngineError('badParameter', `several builds begin with ${id}`);
      return { ...build, BuildSteps: history.stepsOf(build.ID) };
    },

    usage: collector.usage,
    prune: collector.prune,

    async close() {
      for (const { stop } of running)
        stop.abort(new EngineError('unavailable', 'the engine is being stopped'));
      await Promise.allSettled(Array.from(running, ({ done }) => done));
      await collector.close();
    },
  };
}

/** Does all of these one after the other, whatever becomes of those before. What fails is logged. */
async function cleanUp(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      log.warn('cannot clean up after a build', { error: messageOf(error) });
    }
  }
}

/** What is asked of the plan of a build. */
type PlanRequest = PlanOptions & Pick<BuildOptions, 'dockerfile'>;

async function readPlan(context: BuildContext, request: PlanRequest): Promise<Plan> {
  const { dockerfile } = request;
  return planBuild(
    parseDockerfile(await readDockerfile(context, dockerfile), dockerfile || 'Dockerfile'),
    request,
  );
}

/** A context that is sent, or that a URL leads to. */
function takeContext(
  sent: AsyncIterable<Buffer>,
  { remote, place, room, signal }: { remote: string; place: string; room: number; signal: AbortSignal },
): Promise<BuildContext> {
  return remote === '' ? receiveContext(sent, place, room) : fetchContext(remote, place, room, signal);
}

function checksFailed(findings: readonly BuildFinding[]): EngineError {
  const names = [...new Set(findings.map(({ Rule }) => Rule))].join(', ');
  const told = findings.map(({ Rule, Message, Excerpt }) => `${Rule}: ${Message}\n${Excerpt}`).join('\n\n');
  return new EngineError('badParameter', `build checks have found something: ${names}\n\n${told}`);
}

interface Request {
  names: readonly Reference[];
  findings: BuildFinding[];
  /** Of all records of the cache that the build uses. */
  usedKeys: ReadonlySet<string>;
}

/** Builds, and gives the image its names. What goes wrong from here on is told to the one who asked as well. */
async function carryOut(
  begun: Omit<Build, 'imports'>,
  { names, findings, usedKeys }: Request,
): Promise<string> {
  const { progress, options, images, consumed, signal, store } = begun;
  try {
    await progress.findings(findings);
    const build: Build = { ...begun, imports: await openImports(begun) };
    const snapshot = await executePlan(build);
    if (snapshot.history.length === 0)
      throw new EngineError('badParameter', 'No image was generated. Is your Dockerfile empty?');
    const unused = Object.keys(options.buildArgs).filter(
      (name) => !consumed.has(name) && !proxyArguments.has(name) && !understood.has(name),
    );
    if (unused.length > 0)
      await progress.warn(`[Warning] One or more build-args [${unused.sort().join(' ')}] were not consumed`);
    const { cacheTo } = options.inputs;
    const steps = cacheTo.length > 0 ? usedSteps(store, usedKeys) : [];
    const isInline = cacheTo.some(({ type }) => type === 'inline');
    const plain = fileOf(snapshot);
    const { id, file: config } = isInline ? withInlineCache(plain.file, steps, snapshot) : plain;
    images.add({ id, config, layers: snapshot.layers }, names);
    await exportCaches(build, steps, snapshot);
    await progress.finish(id, names.map(familiarReference));
    return id;
  } catch (error) {
    signal.throwIfAborted();
    await progress.fail({ message: messageOf(error), code: error instanceof CommandFailed ? error.code : 0 });
    throw error;
  }
}

/** Arguments that the builder itself understands. */
const understood: ReadonlySet<string> = new Set(['SOURCE_DATE_EPOCH', checkArgument]);

/** A name for the new image. Throws `badParameter`. */
const readName = (text: string): Reference => newName(text, '');

function epochOf(args: BuildOptions['buildArgs']): number | null {
  const text = args.SOURCE_DATE_EPOCH ?? '';
  if (text === '') return null;
  if (!/^\d{1,11}$/.test(text)) throw new EngineError('badParameter', `invalid SOURCE_DATE_EPOCH: ${text}`);
  return Number(text);
}
