/** The engine was not reached, or the connection broke; the message is for the person who typed the command. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}

const silent = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'EPROTOTYPE']);

/** The code of a system error, or the empty text. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether an error says that nothing listens at an address. */
export function nothingListens(error: unknown): boolean {
  return silent.has(codeOf(error));
}

/** Tells in docker's words, which scripts know, why the engine at `host` could not be reached. */
export function unreachable(host: string, error: unknown): ConnectionError {
  const cause = error instanceof Error ? error : new Error(String(error));
  if (nothingListens(error)) {
    return new ConnectionError(
      `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`,
      { cause },
    );
  }
  if (codeOf(error) === 'EACCES') {
    return new ConnectionError(
      `permission denied while trying to connect to the Docker daemon socket at ${host}`,
      { cause },
    );
  }
  if (codeOf(error) === 'ENOTFOUND' || codeOf(error) === 'EAI_AGAIN') {
    return new ConnectionError(`error during connect: ${host}: no such host`, { cause });
  }
  return new ConnectionError(`error during connect: ${host}: ${cause.message}`, { cause });
}

/** Tells that an engine went away in the middle of an answer. */
export function connectionLost(host: string, error: unknown): ConnectionError {
  const reason = codeOf(error) === 'UND_ERR_SOCKET' ? 'it was closed from there' : (error as Error).message;
  return new ConnectionError(`error during connect: the connection to ${host} was lost: ${reason}`, {
    cause: error,
  });
}
