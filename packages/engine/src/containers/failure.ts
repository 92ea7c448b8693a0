import { EngineError, type ErrorKind, messageOf } from '../errors.ts';

/** Why a container or exec could not be started, and the exit code that stands for it. */
export interface StartFailure {
  error: EngineError;
  exitCode: number;
}

const wrongType =
  ': Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type';

/**
 * Finds the exit code for a start that failed: 126 for a command that cannot be run, 127 for one that is not
 * there, 128 for everything else. As with dockerd it comes from the words of the OCI runtime: those are all
 * there is.
 */
export function explainStartFailure(error: unknown): StartFailure {
  const message = messageOf(error);
  const lower = message.toLowerCase();
  const kind: ErrorKind = error instanceof EngineError ? error.kind : 'internal';
  const failure = (exitCode: number, as: ErrorKind = 'badParameter', more = ''): StartFailure => ({
    error: new EngineError(as, `${message}${more}`, { cause: error }),
    exitCode,
  });
  if (lower.includes('permission denied') || lower.includes(': is a directory')) return failure(126);
  if (lower.includes('not a directory')) return failure(127, 'badParameter', wrongType);
  if (/executable file not found|no such file or directory/.test(lower)) return failure(127);
  return failure(128, kind);
}
