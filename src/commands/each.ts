import { CommandError, describeError } from '../exit.ts';
import type { Output } from '../terminal/streams.ts';

/** Requests that are under way at once when a command is given many names. */
const most = 50;

interface EachOptions {
  out: Output;
  /** Whether one is begun only when the one before is done. */
  oneByOne?: boolean;
}

/**
 * Does the same with every name and prints those it worked for, in their order and as they were typed. What goes
 * wrong is told together at the end: throws CommandError.
 */
export async function forEachName(
  names: readonly string[],
  work: (name: string) => Promise<unknown>,
  { out, oneByOne = false }: EachOptions,
): Promise<void> {
  const problems: unknown[] = [];
  const width = oneByOne ? 1 : most;
  const started: Promise<unknown>[] = [];
  for (const [index, name] of names.entries()) {
    while (started.length < Math.min(index + width, names.length)) {
      const one = work(names[started.length] ?? '');
      // What fails is told when its turn comes.
      one.catch(() => undefined);
      started.push(one);
    }
    try {
      if ((await started[index]) !== false) await out.line(name);
    } catch (error) {
      problems.push(error);
    }
  }
  if (problems.length > 0)
    throw new CommandError(problems.map(describeError).join('\n'), 1, { cause: problems[0] });
}
