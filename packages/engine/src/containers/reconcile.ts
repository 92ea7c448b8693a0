import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { now } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { bootId } from '../kernel/boot.ts';
import { log } from '../log.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import type { Context } from './context.ts';
import { exitTime } from './ending.ts';
import type { Lifecycle } from './lifecycle.ts';
import { logOf } from './logrequest.ts';
import { reconcilePaused } from './pausing.ts';
import { wantsRestart } from './restart.ts';
import { releaseBorrowed } from './sources.ts';

/** The exit code of a container whose end nobody saw: killed, as far as anyone can tell. */
const killed = 137;
/** The exit code of a container that ended with the machine. */
const lostWithMachine = 255;

/** Runs all, and tells of those that failed: one container must not keep the engine from the others. */
async function each<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const results = await Promise.allSettled(items.map(work));
  for (const result of results) {
    if (result.status === 'rejected') log.error(`cannot clean up: ${messageOf(result.reason)}`);
  }
}

/**
 * Makes what the state says true after a start of the engine: containers that run on are kept, those that ended
 * meanwhile are ended with the code that their monitor left, and what was half done is finished or taken away.
 */
export async function reconcile(context: Context, lifecycle: Lifecycle): Promise<void> {
  const { store, runtime, networks, volumes } = context;
  const alive = new Set<string>();
  const ended: ContainerRecord[] = [];
  await each(store.all(), async (record) => {
    if (!isRunning(record) || record.state.status === 'restarting') return;
    const isAlive = (await runtime.readExit(record.id)) === null && (await runtime.running(record.id));
    if (isAlive) {
      alive.add(record.id);
      context.logs.keep(logOf(record));
      await reconcilePaused(context, record);
    } else ended.push(record);
  });
  await networks.reconcile(alive);
  const running = store.all().filter(({ id }) => alive.has(id));
  await volumes.reconcile(running.map(({ id, mounts }) => ({ id, volumes: volumesIn(mounts) })));
  await each(ended, (record) => finishEnded(context, lifecycle, record));
  const waiting: ContainerRecord[] = [];
  await each(store.all(), async (record) => {
    if (await finishHalfDone(context, lifecycle, record)) waiting.push(record);
  });
  // Whoever is linked to others was created after them.
  waiting.sort((a, b) => (a.created < b.created ? -1 : 1));
  for (const { id } of waiting) lifecycle.startAgain(id);
  await removeOrphans(context);
  if (alive.size > 0) log.info('containers live on', { containers: alive.size });
}

const volumesIn = (mounts: ContainerRecord['mounts']): string[] =>
  mounts.flatMap(({ volume }) => volume?.name ?? []);

async function finishEnded(
  context: Context,
  { exited }: Lifecycle,
  { id, state }: ContainerRecord,
): Promise<void> {
  const unseen = state.boot === bootId ? killed : lostWithMachine;
  const exitCode = (await context.runtime.readExit(id)) ?? unseen;
  await exited(id, exitCode, exitTime(context.config.execRoot, id) ?? now());
}

/** Resolves to whether the container is to be started. */
async function finishHalfDone(
  context: Context,
  lifecycle: Lifecycle,
  record: ContainerRecord,
): Promise<boolean> {
  const { status } = record.state;
  const isOver = status === 'exited' && record.hostConfig.AutoRemove;
  const isIncomplete = status === 'created' && !existsSync(context.folder(record.id));
  if (status === 'removing' || isOver || isIncomplete) {
    await lifecycle.finishRemoval(record.id, { volumes: isOver || isIncomplete });
    return false;
  }
  if (!isRunning(record) && record.state.holdsResources) await lifecycle.release(record.id);
  const wantsStart = status === 'exited' && startsWithEngine(context, record);
  if (wantsStart) context.store.setState(record.id, { status: 'restarting' });
  const isWaiting = status === 'restarting' && context.live(record).restartTimer === null;
  return wantsStart || isWaiting;
}

/** Whether a container that does not run is started with the engine: with `always` also one that was stopped by hand. */
function startsWithEngine({ config }: Context, { hostConfig, state }: ContainerRecord): boolean {
  // Where the engine itself comes and goes by the hour, such a one stays so while the machine is up.
  const comesAndGoes = config.idleTimeout > 0 && state.boot === bootId;
  if (state.stoppedByHand && comesAndGoes) return false;
  return wantsRestart({ ...state, policy: hostConfig.RestartPolicy });
}

/** Removes folders that belong to no container: of one that was being made or removed when the engine died. */
async function removeOrphans(context: Context): Promise<void> {
  const { store, runtime, roots } = context;
  const list = (folder: string) => readdir(folder).catch(() => [] as string[]);
  const unknown = (ids: string[]) => ids.filter((id) => /^[0-9a-f]{64}$/.test(id) && !store.get(id));
  const containers = dirname(context.folder('any'));
  await each(unknown(await list(containers)), async (id) => {
    await roots.remove(id);
    await rm(join(containers, id), { recursive: true, force: true });
  });
  await releaseBorrowed(context);
  // The bundles of execs are among them: those that run on are ended with the engine that knew of them.
  await each(unknown(await list(dirname(runtime.bundle('any')))), async (id) => {
    if (!(await runtime.running(id))) await runtime.delete(id);
  });
}

/** How often it is looked whether containers are gone without a word. */
const interval = 2000;

/**
 * Finds containers whose exit code can never come because their monitor was killed. What is left of them is killed,
 * since nobody would hear it or see its end, and they count as killed: when that is found twice, because the code
 * may have been written just then. Returns how to stop it.
 */
export function watchForLost(context: Context, lifecycle: Lifecycle): () => void {
  const { store, runtime } = context;
  let suspects = new Set<string>();
  const look = async () => {
    const running = store.all().filter((record) => isRunning(record) && record.state.status !== 'restarting');
    const missing = new Set<string>();
    for (const record of running) {
      const { id } = record;
      if ((await runtime.monitored(id)) || (await runtime.readExit(id)) !== null) continue;
      if (!suspects.has(id)) missing.add(id);
      else if (isRunning(store.get(id) ?? record)) {
        log.warn('a container has lost its monitor', { container: record.name });
        // Whatever is left of it is ended when it is cleaned up.
        void lifecycle.exited(id, killed);
      }
    }
    suspects = missing;
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => log.error(`cannot look after containers: ${messageOf(error)}`));
  }, interval);
  timer.unref();
  return () => clearInterval(timer);
}
