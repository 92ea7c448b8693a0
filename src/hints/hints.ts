import { didYouMean, nearNames } from '../commands/near.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, describeError } from '../exit.ts';
import { entranceHint } from './entrance.ts';
import { nameHint } from './names.ts';
import { portHint } from './ports.ts';

/** Milliseconds that an engine has to answer what only makes a hint better. */
const patience = 1_000;

/**
 * What may help a person who got an error: names that are near, who holds a port, how to be let in. Empty when there
 * is nothing to say. Never throws.
 */
export async function hintFor(error: unknown, context: CommandContext | undefined): Promise<string> {
  if (error instanceof CommandError) {
    if (error.detail !== '') return error.detail;
    if (error.unknown) return didYouMean(nearNames(error.unknown.typed, error.unknown.known));
  }
  if (!context) return '';
  const text = describeError(error);
  try {
    const entrance = entranceHint(text, context);
    if (entrance !== '') return entrance;
    const late = new Promise<string>((resolve) => setTimeout(resolve, patience, '').unref());
    const asked = Promise.all([nameHint(text, context), portHint(text, context)]);
    return await Promise.race([asked.then((hints) => hints.filter(Boolean).join('\n')), late]);
  } catch {
    return '';
  }
}
