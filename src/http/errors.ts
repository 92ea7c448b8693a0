/** The engine was not reached, or the connection broke; the message is for the person who typed the command. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}
