import type { RestartPolicy, UpdateConfig } from '@davit/api';
import type { RolloutOptions } from '../flags/command.ts';
import { withoutEmpty } from './empty.ts';

const second = 1e9;

/** What managers do when nothing is said. */
const usualUpdate: UpdateConfig = {
  Parallelism: 1,
  FailureAction: 'pause',
  Monitor: 5 * second,
  MaxFailureRatio: 0,
  Order: 'stop-first',
};
const usualRestart: RestartPolicy = { Condition: 'any', Delay: 5 * second, MaxAttempts: 0 };

/** What is said among the values; undefined when that is nothing. */
function said<T extends object>(values: T): Partial<T> | undefined {
  const some = Object.entries(values).filter(([, value]) => value !== undefined);
  return some.length > 0 ? (Object.fromEntries(some) as Partial<T>) : undefined;
}

function changeConfig(before: UpdateConfig | undefined, values: Partial<UpdateConfig>) {
  const changes = said(values);
  if (!changes) return before;
  return withoutEmpty({ ...(before ?? usualUpdate), ...changes }, ['Parallelism', 'MaxFailureRatio']);
}

/** How updates go on, with what the flags say in the place of what it was. */
export const changeUpdate = (before: UpdateConfig | undefined, options: RolloutOptions) =>
  changeConfig(before, {
    Parallelism: options.updateParallelism,
    Delay: options.updateDelay,
    FailureAction: options.updateFailureAction,
    Monitor: options.updateMonitor,
    MaxFailureRatio: options.updateMaxFailureRatio,
    Order: options.updateOrder,
  });

/** The same for rollbacks. */
export const changeRollback = (before: UpdateConfig | undefined, options: RolloutOptions) =>
  changeConfig(before, {
    Parallelism: options.rollbackParallelism,
    Delay: options.rollbackDelay,
    FailureAction: options.rollbackFailureAction,
    Monitor: options.rollbackMonitor,
    MaxFailureRatio: options.rollbackMaxFailureRatio,
    Order: options.rollbackOrder,
  });

/** When tasks are started again, with what the flags say in the place of what it was. */
export function changeRestart(
  before: RestartPolicy | undefined,
  options: RolloutOptions,
): RestartPolicy | undefined {
  const changes = said<RestartPolicy>({
    Condition: options.restartCondition,
    Delay: options.restartDelay,
    MaxAttempts: options.restartMaxAttempts,
    Window: options.restartWindow,
  });
  return changes ? { ...(before ?? usualRestart), ...changes } : before;
}
