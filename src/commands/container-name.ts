import { CommandError } from '../exit.ts';

/** A container's name as it stands in a path of the API. Throws CommandError on an empty one. */
export function containerPath(name: string): { name: string } {
  if (name.trim() === '') throw new CommandError('invalid container name or ID: value is empty');
  return { name };
}
