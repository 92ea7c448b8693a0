/** What went wrong, by kind: the server turns it into a status, no one ever looks at the message. */
export type ErrorKind =
  | 'badParameter'
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'notModified'
  | 'unavailable'
  | 'internal';

/** Every error that the engine throws on purpose. The message is written for the person who typed the command. */
export class EngineError extends Error {
  override name = 'EngineError';
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
