import type { CommandContext } from '../context.ts';
import type { ArgumentRule } from './arguments.ts';
import type { FlagSet, OptionsOf } from './flag.ts';

export * from './arguments.ts';
export * from './flag.ts';

export interface Example {
  /** The command line without the program's name: `run --rm -it busybox`. */
  command: string;
  explanation: string;
}

/** One command: what it takes, how it is described, and what it does. Everything else is made from this. */
export interface CommandDefinition<F extends FlagSet = FlagSet> {
  /** What follows the command's name, as in `[OPTIONS] IMAGE [COMMAND] [ARG...]`; a line for each way to call it. */
  usage: string;
  /** One line without a full stop. */
  summary: string;
  /** More than the summary, for help and the manual page. */
  description?: string;
  examples?: Example[];
  arguments: ArgumentRule;
  flags: F;
  /** Whether flags end at the first argument, so that the rest belongs to the program to be run. */
  stopAtFirstArgument?: boolean;
  /** Does the work; the number is the exit code, 0 when there is none. */
  run(options: OptionsOf<F>, args: string[], context: CommandContext): Promise<number | undefined>;
}

/** Checks a definition's types: `export default defineCommand({ … })`. */
export function defineCommand<F extends FlagSet>(definition: CommandDefinition<F>): CommandDefinition<F> {
  return definition;
}

/** A command of which nothing is known but that it can be run: what the command tree holds. */
export type AnyCommand = Omit<CommandDefinition, 'run'> & {
  run(options: never, args: string[], context: CommandContext): Promise<number | undefined>;
};
