import { statSync } from 'node:fs';
import { join } from 'node:path';
import { formatTime, now } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import type { Context, Live } from './context.ts';
import { destroy, dismantle, erase } from './launch.ts';
import { logOf } from './logrequest.ts';
import { nextBackOff, wantsRestart } from './restart.ts';
import { removeSources } from './sources.ts';
import { millisecondsSince } from './times.ts';

export interface Endings {
  /** A container's process has ended: at `at`, now when left out. Resolves when all is cleaned up. */
  exited(id: string, exitCode: number, at?: bigint): Promise<void>;
  /** Takes a container that does not run out of the world, if wanted with its volumes without a name. Its lock must be held. */
  remove(record: ContainerRecord, options: { volumes: boolean }): Promise<void>;
  /** Gives up what a container holds that does not run. Its lock must be held. */
  release(id: string): Promise<void>;
}

/**
 * What happens when containers end. `restart` starts one again. The state is written first, because it is all
 * that a crash leaves; then those who wait are told, and then everything that the container held is given up.
 */
export function createEndings(context: Context, restart: (id: string) => void): Endings {
  const { store, locks } = context;

  const release = async (id: string): Promise<void> => {
    await dismantle(context, id);
    store.setState(id, { holdsResources: false });
  };

  const remove: Endings['remove'] = async (record, { volumes }) => {
    const { id, state } = record;
    await (state.holdsResources ? destroy : erase)(context, id);
    store.remove(id);
    await removeSources(context, record, volumes || record.hostConfig.AutoRemove);
    context.publish('destroy', record);
    const live = context.live(record);
    live.hub.finish();
    live.silences.release();
    live.exits.release(state.exitCode);
    live.removals.release(state.exitCode);
    context.forget(id);
  };

  /** What is left to do for a container whose end is recorded. */
  const settle = async (id: string): Promise<void> => {
    const record = store.get(id);
    if (!record) return;
    const live = context.live(record);
    // Whoever removes it does all of this as well.
    if (live.removing) return;
    live.removing = record.hostConfig.AutoRemove && !live.restarting;
    try {
      await (live.removing ? remove(record, { volumes: true }) : release(id));
    } catch (error) {
      live.removing = false;
      log.error(`cannot clean up after container ${record.name}: ${messageOf(error)}`);
    }
  };

  /** Tells the world; `before` is the container as it ran. */
  const announce = async (before: ContainerRecord, live: Live, exitCode: number, at: bigint) => {
    await context.logs.settle(logOf(before)).catch((error: unknown) => {
      log.error(`cannot end the log of container ${before.name}: ${messageOf(error)}`);
    });
    live.silences.release();
    // Whoever is told of the end has what was printed: programs look at it as soon as they know.
    await live.audience.settled();
    const oomKilled = await context.runtime.oomKilled(before.id).catch(() => false);
    if (oomKilled && store.get(before.id)) {
      store.setState(before.id, { oomKilled: true });
      context.publish('oom', before);
    }
    context.publish('die', before, {
      execDuration: String(Math.trunc(millisecondsSince(before.state.startedAt, at) / 1000)),
      exitCode: String(exitCode),
    });
    live.exits.release(exitCode);
  };

  const scheduleRestart = (record: ContainerRecord): void => {
    const live = context.live(record);
    live.backOff = nextBackOff(live.backOff, millisecondsSince(record.state.startedAt));
    live.restartTimer = setTimeout(() => {
      live.restartTimer = null;
      restart(record.id);
    }, live.backOff);
  };

  const exited = async (id: string, exitCode: number, at = now()): Promise<void> => {
    const before = store.get(id);
    if (!before) return;
    const live = context.live(before);
    if (live.starting) {
      live.starting.exitCode = exitCode;
      return;
    }
    if (!isRunning(before) || before.state.status === 'restarting') return;
    const { hostConfig, state } = before;
    const again =
      !state.stoppedByHand &&
      !context.shuttingDown &&
      !live.restarting &&
      !live.removing &&
      wantsRestart({ ...state, policy: hostConfig.RestartPolicy, exitCode });
    store.setState(id, {
      status: again ? 'restarting' : 'exited',
      pid: 0,
      exitCode,
      finishedAt: formatTime(at),
      restartCount: state.restartCount + (again ? 1 : 0),
    });
    live.announced = announce(before, live, exitCode, at);
    // Queued before anybody is told: whoever starts or removes the container then comes after the cleaning up.
    await locks.run(id, async () => {
      await live.announced;
      await settle(id);
    });
    const after = store.get(id);
    if (after?.state.status === 'restarting') scheduleRestart(after);
  };

  return { exited, remove, release };
}

/** When the exit code of a container was written down; null when it was not. */
export function exitTime(execRoot: string, id: string): bigint | null {
  return statSync(join(execRoot, 'exits', id), { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? null;
}
