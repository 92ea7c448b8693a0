import type { ServiceMount } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import type { parseMount } from '../../container/options/mounts.ts';

/** A mount of a service; managers are told of a driver for volumes even when it is none. */
export function serviceMount({ VolumeOptions, ...mount }: ReturnType<typeof parseMount>): ServiceMount {
  if (!VolumeOptions) return mount as ServiceMount;
  return { ...mount, VolumeOptions: { DriverConfig: {}, ...VolumeOptions } } as ServiceMount;
}

/**
 * Mounts without those at targets that are removed, and with those that are added in the place of others at their
 * target. Throws CommandError when two that are added have one target.
 */
export function changeMounts(
  before: readonly ServiceMount[],
  { added, removed }: { added: readonly ServiceMount[]; removed: readonly string[] },
): ServiceMount[] {
  const targets = new Set(added.map(({ Target }) => Target));
  if (targets.size < added.length) throw new CommandError('duplicate mount target');
  const left = before.filter(({ Target = '' }) => !targets.has(Target) && !removed.includes(Target));
  return [...left, ...added].sort((one, other) =>
    one.Source === other.Source ? compare(one.Target, other.Target) : compare(one.Source, other.Source),
  );
}

const compare = (one = '', other = '') => (one < other ? -1 : one > other ? 1 : 0);
