import { CommandError } from '../../exit.ts';

const pattern = '^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$';

/** Refuses what no context of the store may be called, in docker's words. */
export function checkContextName(name: string): void {
  if (name === '') throw new CommandError('context name cannot be empty');
  if (name === 'default') throw new CommandError('"default" is a reserved context name');
  if (new RegExp(pattern).test(name)) return;
  throw new CommandError(
    `context name "${name}" is invalid, names are validated against regexp "${pattern}"`,
  );
}
