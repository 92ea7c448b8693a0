import type { ContainerPruneAnswer, Filters } from '@davit/api';
import { parseTime } from '../clock.ts';
import { EngineError } from '../errors.ts';
import { matchesLabels, readMoment } from '../images/filters.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import type { Context } from './context.ts';

const known = ['label', 'label!', 'until'];

/** The containers that a prune removes: those that do not run and fit all filters. Throws for unknown ones. */
export function containersToPrune(records: ContainerRecord[], filters: Filters): ContainerRecord[] {
  const unknown = Object.keys(filters).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new EngineError('badParameter', `invalid filter '${unknown}'`);
  const until = (filters.until ?? []).map((text) => readMoment(text));
  if (until.length > 1) throw new EngineError('badParameter', 'more than one until filter specified');
  return records.filter((record) => {
    const labels = record.config.Labels ?? {};
    return (
      !isRunning(record) &&
      until.every((limit) => (parseTime(record.created) ?? 0n) <= limit) &&
      matchesLabels(labels, filters.label ?? []) &&
      !(filters['label!'] ?? []).some((one) => matchesLabels(labels, [one]))
    );
  });
}

/** Makes the pruning of containers, of which one is under way at a time. */
export function pruneContainers(
  context: Context,
  steps: { remove(id: string): Promise<void>; size(record: ContainerRecord): Promise<number> },
): (filters: Filters) => Promise<ContainerPruneAnswer> {
  let isBusy = false;
  const prune = async (filters: Filters): Promise<ContainerPruneAnswer> => {
    const deleted: string[] = [];
    let reclaimed = 0;
    for (const record of containersToPrune(context.store.all(), filters)) {
      const size = await steps.size(record);
      try {
        await steps.remove(record.id);
      } catch (error) {
        // Started or removed by someone else meanwhile: it stays, or is gone.
        if (error instanceof EngineError && ['conflict', 'notFound'].includes(error.kind)) continue;
        throw error;
      }
      deleted.push(record.id);
      reclaimed += size;
    }
    context.events.publish('container', 'prune', '', { reclaimed: String(reclaimed) });
    return { ContainersDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed };
  };
  return async (filters) => {
    if (isBusy) throw new EngineError('conflict', 'a prune operation is already running');
    isBusy = true;
    try {
      return await prune(filters);
    } finally {
      isBusy = false;
    }
  };
}
