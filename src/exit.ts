import { constants } from 'node:os';
import { ApiError } from '@davit/api';

/** A word that nobody knows, and those that could have stood in its place: what was meant may be among them. */
export interface UnknownWord {
  readonly typed: string;
  readonly known: readonly string[];
}

/** A command that failed: its message is printed as it is (nothing when empty), and its exit code is used. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: number;
  /** More for people: what a program reads is not changed by it, as only terminals show it. */
  readonly detail: string;
  readonly unknown: UnknownWord | undefined;

  constructor(
    message: string,
    exitCode = 1,
    options: ErrorOptions & { detail?: string; unknown?: UnknownWord } = {},
  ) {
    super(message, options);
    this.exitCode = exitCode;
    this.detail = options.detail ?? '';
    this.unknown = options.unknown;
  }
}

/** A command line that cannot be understood; told with the usage of the command and a hint at its help. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly kind: 'flag' | 'arguments';
  readonly unknown: UnknownWord | undefined;

  constructor(kind: 'flag' | 'arguments', message: string, unknown?: UnknownWord) {
    super(message);
    this.kind = kind;
    this.unknown = unknown;
  }
}

/** The command was ended by a signal. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`got ${signal}`);
    this.signal = signal;
  }
}

/** How an error is told on standard error: what an engine said is marked as docker marks it. */
export function describeError(error: unknown): string {
  if (error instanceof ApiError) return `Error response from daemon: ${error.message}`;
  if (error instanceof Interrupted) return '';
  return error instanceof Error ? error.message : String(error);
}

/** Exit code of a process that a signal ended, as shells count. */
export function signalExitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Exit code of a command that threw. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof UsageError) return error.kind === 'flag' ? 125 : 1;
  if (error instanceof Interrupted) return signalExitCode(error.signal);
  return 1;
}

/**
 * Exit code of `run` when a container could not be started. docker reads it from the engine's words: 127 for a
 * command that is not there, 126 for one that cannot be executed, 125 for all else.
 */
export function startFailureCode(message: string): 125 | 126 | 127 {
  if (
    /executable file not found|no such file or directory|system cannot find the file specified/.test(message)
  ) {
    return 127;
  }
  return /permission denied|is a directory/.test(message) ? 126 : 125;
}
