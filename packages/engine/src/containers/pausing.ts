import { EngineError, messageOf } from '../errors.ts';
import { log } from '../log.ts';
import type { ContainerRecord } from '../state/containers.ts';
import type { Context } from './context.ts';

export interface Pausing {
  pause(name: string): Promise<void>;
  unpause(name: string): Promise<void>;
  /** Lets a container go on that is to end, whether someone has paused it or a commit holds it still. */
  thaw(id: string): Promise<void>;
}

/** Containers that stand still until they are told to go on. */
export function createPausing(context: Context): Pausing {
  const { store, runtime, locks } = context;

  const resume = async (record: ContainerRecord): Promise<void> => {
    await runtime.resume(record.id);
    // What was resumed may have ended by now.
    if (store.get(record.id)?.state.status === 'paused') store.setState(record.id, { status: 'running' });
    context.publish('unpause', record);
  };

  return {
    async thaw(id) {
      const record = store.get(id);
      if (record?.state.status === 'paused') await resume(record);
      else if (record && (await runtime.paused(id))) await runtime.resume(id);
    },

    pause: (name) => {
      const { id } = store.find(name);
      return locks.run(id, async () => {
        const record = store.find(id);
        const { status } = record.state;
        if (status === 'paused') throw new EngineError('conflict', `Container ${id} is already paused`);
        if (status === 'restarting')
          throw new EngineError(
            'conflict',
            `Container ${id} is restarting, wait until the container is running`,
          );
        if (status !== 'running') throw new EngineError('conflict', `Container ${id} is not running`);
        try {
          await runtime.pause(id);
        } catch (error) {
          throw new EngineError('internal', `cannot pause container ${id}: ${messageOf(error)}`, {
            cause: error,
          });
        }
        if (store.find(id).state.status !== 'running') return;
        store.setState(id, { status: 'paused' });
        context.publish('pause', record);
      });
    },

    unpause: (name) => {
      const { id } = store.find(name);
      return locks.run(id, async () => {
        const record = store.find(id);
        if (record.state.status !== 'paused')
          throw new EngineError('internal', `Container ${id} is not paused`);
        try {
          await resume(record);
        } catch (error) {
          throw new EngineError('internal', `cannot unpause container ${id}: ${messageOf(error)}`, {
            cause: error,
          });
        }
      });
    },
  };
}

/**
 * Makes paused what is recorded as paused and nothing else, after a start of the engine: one that died in the
 * middle of a commit has left a container that stands still.
 */
export async function reconcilePaused(context: Context, record: ContainerRecord): Promise<void> {
  const { runtime, store } = context;
  const isFrozen = await runtime.paused(record.id);
  if (record.state.status === 'paused' && !isFrozen) store.setState(record.id, { status: 'running' });
  if (record.state.status === 'running' && isFrozen) {
    log.warn('container goes on that stood still', { container: record.name });
    await runtime.resume(record.id);
  }
}
