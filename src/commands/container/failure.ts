import type { CommandContext } from '../../context.ts';
import { CommandError, describeError, startFailureCode } from '../../exit.ts';

/** An error of `run` or `create` as docker tells it: after the program's name, with a hint at the help. */
export function failureWithHelp(
  error: unknown,
  command: 'run' | 'create',
  { program }: CommandContext,
  code = 125,
): CommandError {
  const message = `${program}: ${describeError(error)}\n\nRun '${program} ${command} --help' for more information`;
  return new CommandError(message, code, { cause: error });
}

/** An error of `run`; the code says whether the engine, the program or its absence is to blame. */
export function runFailure(error: unknown, context: CommandContext): CommandError {
  return error instanceof CommandError
    ? error
    : failureWithHelp(error, 'run', context, startFailureCode(describeError(error)));
}

/** A container with a terminal needs one on this side too when its input is attached. Throws when there is none. */
export function checkTerminal({ streams }: CommandContext, terminal: boolean, stdin: boolean): void {
  if (terminal && stdin && !streams.in.isTerminal) throw new CommandError('the input device is not a TTY');
}
