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

const letIn =
  'The server probably has client authentication (--tlsverify) enabled; check your TLS client certification settings';

/** What OpenSSL calls an engine's certificate that it does not trust. */
const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Why TLS failed, in words that say what to do about it; empty for what has nothing to do with TLS. */
function tlsReason(error: Error): string {
  const code = codeOf(error);
  if (untrusted.has(code))
    return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `tls: failed to verify certificate: x509: ${error.message}`;
  }
  if (/^ERR_SSL_.*(WRONG_VERSION_NUMBER|PACKET_LENGTH)/.test(code)) {
    return 'http: server gave HTTP response to HTTPS client';
  }
  if (!/^ERR_SSL_.*ALERT/.test(code)) return '';
  return `${letIn}: ${code}`;
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
  return new ConnectionError(`error during connect: ${host}: ${tlsReason(cause) || cause.message}`, {
    cause,
  });
}

/** Tells that an engine went away in the middle of an answer, or before it gave one. */
export function connectionLost(
  { host, tls }: { host: string; tls?: object },
  error: unknown,
): ConnectionError {
  // With TLS 1.3 it is only after the handshake that a client learns that it was not let in.
  if (error instanceof Error && tlsReason(error)) return unreachable(host, error);
  const closed = codeOf(error) === 'UND_ERR_SOCKET';
  const reason = closed ? 'it was closed from there' : (error as Error).message;
  const hint = closed && tls ? `; ${letIn}` : '';
  return new ConnectionError(`error during connect: the connection to ${host} was lost: ${reason}${hint}`, {
    cause: error,
  });
}
