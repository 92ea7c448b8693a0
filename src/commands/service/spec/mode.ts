import type { ServiceMode } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import type { RolloutOptions } from '../flags/command.ts';
import { withoutEmpty } from './empty.ts';

/** The mode that the flags of `create` ask for. Throws CommandError when they contradict each other. */
export function serviceMode(
  mode: string,
  { replicas, replicasMaxPerNode, maxConcurrent }: RolloutOptions,
): ServiceMode {
  if (mode === 'global' || mode === 'global-job') {
    if (replicas !== undefined)
      throw new CommandError('replicas can only be used with replicated or replicated-job mode');
    if (replicasMaxPerNode) {
      throw new CommandError('replicas-max-per-node can only be used with replicated or replicated-job mode');
    }
    if (maxConcurrent !== undefined)
      throw new CommandError('max-concurrent can only be used with replicated-job mode');
    return mode === 'global' ? { Global: {} } : { GlobalJob: {} };
  }
  if (mode === 'replicated') {
    if (maxConcurrent !== undefined)
      throw new CommandError('max-concurrent can only be used with replicated-job mode');
    return { Replicated: replicas === undefined ? {} : { Replicas: replicas } };
  }
  if (mode !== 'replicated-job') {
    throw new CommandError(`Unknown mode: ${mode}, only replicated and global supported`);
  }
  const job = { MaxConcurrent: maxConcurrent ?? replicas, TotalCompletions: replicas };
  return {
    ReplicatedJob: Object.fromEntries(Object.entries(job).filter(([, value]) => value !== undefined)),
  };
}

/** A mode with another number of tasks. Throws CommandError when it has none. */
export function changeMode(
  mode: ServiceMode | undefined,
  { replicas, maxConcurrent }: Pick<RolloutOptions, 'replicas' | 'maxConcurrent'>,
): ServiceMode | undefined {
  if (replicas !== undefined && !mode?.Replicated) {
    throw new CommandError('replicas can only be used with replicated mode');
  }
  if (maxConcurrent !== undefined && !mode?.ReplicatedJob) {
    throw new CommandError('max-concurrent can only be used with replicated-job mode');
  }
  return withoutEmpty(
    {
      ...mode,
      ...(replicas === undefined ? {} : { Replicated: { ...mode?.Replicated, Replicas: replicas } }),
      ...(maxConcurrent === undefined
        ? {}
        : { ReplicatedJob: { ...mode?.ReplicatedJob, MaxConcurrent: maxConcurrent } }),
    },
    ['Replicated', 'Global', 'ReplicatedJob', 'GlobalJob'],
  );
}
