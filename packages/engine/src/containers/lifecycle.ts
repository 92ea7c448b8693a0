import { formatTime, now } from '../clock.ts';
import { EngineError, messageOf } from '../errors.ts';
import { bootId } from '../kernel/boot.ts';
import { log } from '../log.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import { beginTrace } from '../trace.ts';
import type { Context } from './context.ts';
import { createEndings, type Endings } from './ending.ts';
import { explainStartFailure } from './failure.ts';
import { assemble } from './launch.ts';
import { tellLinked } from './links.ts';
import { logOf } from './logrequest.ts';
import { createPausing, type Pausing } from './pausing.ts';
import { parseSignal } from './signals.ts';
import { never } from './times.ts';

const defaultStopTimeout = 10;
const kill = 9;
const terminate = 15;
/** How long a container that was killed may take to be gone before clients are dropped that hold up its output. */
const patience = 1000;

export interface StopOptions {
  /** Empty: the container's own. */
  signal: string;
  /** Seconds until it is killed; null: the container's own, negative: never. */
  timeout: number | null;
}

export interface Lifecycle extends Pick<Endings, 'exited' | 'release'>, Pick<Pausing, 'pause' | 'unpause'> {
  start(name: string): Promise<void>;
  stop(name: string, options: StopOptions): Promise<void>;
  kill(name: string, signal: string): Promise<void>;
  restart(name: string, options: StopOptions): Promise<void>;
  remove(name: string, options: { force: boolean; volumes?: boolean }): Promise<void>;
  /** Prepares to wait; the promise inside settles when the condition is met. */
  wait(name: string, condition: string, signal: AbortSignal): { ended: Promise<number> };
  /** Finishes the removal of a container that an earlier engine began. */
  finishRemoval(id: string, options: { volumes: boolean }): Promise<void>;
  /** Starts a container that its restart policy wants to run. */
  startAgain(id: string): void;
}

/** What can be done with containers. Each of them changes one at a time, whoever asks. */
export function createLifecycle(context: Context): Lifecycle {
  const { store, runtime, locks } = context;

  /** Starts by policies that are under way: whoever is linked to such a container comes after it. */
  const startsUnderWay = new Map<string, Promise<void>>();
  const startAgain = (id: string): void => {
    const targets = (store.get(id)?.links ?? []).map((link) => startsUnderWay.get(link.id));
    const started = Promise.all(targets)
      .then(() => launch(id, true))
      .catch((error: unknown) => {
        log.warn(`cannot restart container ${id}: ${messageOf(error)}`);
      })
      .finally(() => startsUnderWay.delete(id));
    startsUnderWay.set(id, started);
  };
  const endings = createEndings(context, startAgain);
  const pausing = createPausing(context);

  /** Records why a container did not start, and leaves nothing behind. Returns what to tell the caller. */
  const fail = async (record: ContainerRecord, cause: unknown): Promise<EngineError> => {
    const { error, exitCode } = explainStartFailure(cause);
    await endings.release(record.id).catch((problem: unknown) => {
      log.error(`cannot clean up after container ${record.name}: ${messageOf(problem)}`);
    });
    context.logs.abandon(record.id);
    const status = record.state.startedAt === never ? 'created' : 'exited';
    const failed = store.setState(record.id, { status, pid: 0, exitCode, error: error.message });
    const live = context.live(failed);
    live.hub.finish();
    live.silences.release();
    if (record.hostConfig.AutoRemove && !live.removing) {
      live.removing = true;
      await endings.remove(failed, { volumes: true });
    }
    return error;
  };

  /** Starts a container, by hand or because its restart policy says so. */
  const launch = (id: string, byPolicy: boolean): Promise<void> =>
    locks.run(id, async () => {
      const record = store.find(id);
      const live = context.live(record);
      if (record.state.status === 'paused')
        throw new EngineError('conflict', 'cannot start a paused container, try unpause instead');
      if (byPolicy ? record.state.status !== 'restarting' : isRunning(record)) {
        if (byPolicy) return;
        throw new EngineError('notModified', `container ${id} is already started`);
      }
      if (live.removing || record.state.status === 'removing') {
        throw new EngineError('conflict', 'container is marked for removal and cannot be started');
      }
      if (!byPolicy) live.backOff = 0;
      const starting = { exitCode: null as number | null };
      live.starting = starting;
      const trace = beginTrace('a container is started');
      store.setState(id, { holdsResources: true, boot: bootId });
      try {
        const pid = await assemble(context, record, trace);
        await trace.part('start', runtime.start(id));
        store.setState(id, {
          status: 'running',
          pid,
          exitCode: 0,
          error: '',
          oomKilled: false,
          startedAt: formatTime(now()),
          finishedAt: never,
          stoppedByHand: false,
          restartCount: byPolicy ? record.state.restartCount : 0,
        });
      } catch (error) {
        throw await fail(record, error);
      } finally {
        live.starting = null;
      }
      context.logs.keep(logOf(record));
      trace.end({ container: record.name });
      context.publish('start', record);
      live.starts.release();
      await tellLinked(context, id);
      // Whoever attached while it was being started.
      if (live.hub.clients > 0) {
        live.hub.open(() => runtime.attach(runtime.bundle(id))).catch(() => live.hub.finish());
      }
      // It ended before this was written down; its end comes after its beginning.
      if (starting.exitCode !== null) void endings.exited(id, starting.exitCode);
    });

  /** Sends a signal and says so. */
  const send = async (record: ContainerRecord, signal: number): Promise<void> => {
    await runtime.kill(record.id, signal);
    context.publish('kill', record, { signal: String(signal) });
    // A process that stands still does not get the signal that is to end it.
    if (isEnding(record, signal)) await pausing.thaw(record.id);
  };

  /** Resolves true when the container has ended, false after `seconds` without that. */
  const ends = async (record: ContainerRecord, seconds: number): Promise<boolean> => {
    const live = context.live(record);
    const isOver = () => !isRunning(store.get(record.id) ?? record);
    if (isOver()) return live.announced.then(() => true);
    const timeout = seconds < 0 ? undefined : AbortSignal.timeout(seconds * 1000);
    return live.exits.wait(timeout).then(() => true, isOver);
  };

  const killAndWait = async (record: ContainerRecord): Promise<void> => {
    const live = context.live(record);
    const stalled = setTimeout(() => live.hub.dropStalled(), patience);
    try {
      await send(record, kill);
      if (await ends(record, 10)) return;
      throw new EngineError(
        'internal',
        `tried to kill container ${record.id}, but did not receive an exit event`,
      );
    } finally {
      clearTimeout(stalled);
    }
  };

  /** Takes a container that waits for its next start out of that wait. */
  const cancelRestart = (record: ContainerRecord): void => {
    const live = context.live(record);
    if (live.restartTimer) clearTimeout(live.restartTimer);
    live.restartTimer = null;
    store.setState(record.id, { status: 'exited' });
    live.exits.release(record.state.exitCode);
  };

  const halt = async (record: ContainerRecord, { signal, timeout }: StopOptions): Promise<void> => {
    if (!context.shuttingDown) store.setState(record.id, { stoppedByHand: true });
    if (record.state.status === 'restarting') return cancelRestart(record);
    const { StopSignal, StopTimeout } = record.config;
    const first = signal || StopSignal ? parseSignal(signal || StopSignal) : terminate;
    const seconds = timeout ?? StopTimeout ?? defaultStopTimeout;
    await send(record, first);
    if (!(await ends(record, seconds))) await killAndWait(record);
  };

  const endByForce = async (record: ContainerRecord, force: boolean): Promise<void> => {
    if (!force) throw stillRunning(record);
    if (record.state.status === 'restarting') cancelRestart(record);
    else await killAndWait(record);
  };

  const stop = async (name: string, options: StopOptions): Promise<void> => {
    const { id } = store.find(name);
    if (options.signal) parseSignal(options.signal);
    // A start that is under way is waited for; the end itself is not, or nothing could happen meanwhile.
    await locks.idle(id);
    const record = store.find(id);
    if (!isRunning(record)) throw new EngineError('notModified', `container ${id} is already stopped`);
    await halt(record, options);
    await locks.idle(id);
    context.publish('stop', record);
  };

  /** dockerd says at this one place what could not be done. */
  const findVictim = (name: string) => {
    try {
      return store.find(name);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw new EngineError(error.kind, `cannot kill container: ${name}: ${error.message}`, { cause: error });
    }
  };

  return {
    ...endings,
    pause: pausing.pause,
    unpause: pausing.unpause,
    startAgain,
    start: async (name) => launch(store.find(name).id, false),
    stop,

    async kill(name, signal) {
      const number = signal === '' ? kill : parseSignal(signal);
      const { id } = findVictim(name);
      await locks.idle(id);
      const record = store.find(id);
      if (!isRunning(record)) {
        throw new EngineError('conflict', `cannot kill container: ${name}: container ${id} is not running`);
      }
      if (isEnding(record, number)) store.setState(id, { stoppedByHand: true });
      // There is no process to signal: as in docker, what would end it ends its wait for the next start.
      if (record.state.status === 'restarting') {
        if (isEnding(record, number)) cancelRestart(record);
        return;
      }
      await (number === kill ? killAndWait(record) : send(record, number));
    },

    async restart(name, options) {
      const { id } = store.find(name);
      if (options.signal) parseSignal(options.signal);
      await locks.idle(id);
      const record = store.find(id);
      const live = context.live(record);
      live.restarting = true;
      try {
        if (isRunning(record)) await halt(record, options);
        await launch(id, false);
      } finally {
        live.restarting = false;
      }
      context.publish('restart', record);
    },

    async remove(name, { force, volumes = false }) {
      const { id } = store.find(name);
      const live = context.live(store.find(id));
      if (live.removing) {
        throw new EngineError('conflict', `removal of container ${name} is already in progress`);
      }
      live.removing = true;
      await locks.run(id, async () => {
        try {
          const record = store.find(id);
          if (isRunning(record)) await endByForce(record, force);
          await endings.remove(store.setState(id, { status: 'removing' }), { volumes });
        } finally {
          live.removing = false;
        }
      });
    },

    wait(name, condition, signal) {
      const record = store.find(name);
      const live = context.live(record);
      if (condition === 'removed') return { ended: live.removals.wait(signal) };
      if (condition === 'next-exit') return { ended: live.exits.wait(signal) };
      if (condition !== '' && condition !== 'not-running') {
        throw new EngineError('badParameter', `invalid condition: ${JSON.stringify(condition)}`);
      }
      return { ended: isRunning(record) ? live.exits.wait(signal) : Promise.resolve(record.state.exitCode) };
    },

    finishRemoval: (id, options) => locks.run(id, () => endings.remove(store.find(id), options)),
  };
}

/** Whether a signal counts as one that ends a container: each does, unless the container has a stop signal of its own. */
function isEnding({ config: { StopSignal } }: ContainerRecord, signal: number): boolean {
  return signal === kill || StopSignal === '' || parseSignal(StopSignal) === signal;
}

function stillRunning({ name, state: { status } }: ContainerRecord): EngineError {
  const advice: Record<string, string> = {
    paused: 'container is paused and must be unpaused first',
    restarting: 'container is restarting: stop the container before removing or force remove',
  };
  return new EngineError(
    'conflict',
    `cannot remove container "/${name}": ${advice[status] ?? 'container is running: stop the container before removing or force remove'}`,
  );
}
