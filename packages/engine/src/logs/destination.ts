import type { LogMessage } from './message.ts';

/** A way to a destination that is open. */
export interface Delivery {
  /** Sends one message; resolves when the next one may be sent. Rejects when this way leads nowhere any longer. */
  send(bytes: Buffer): Promise<void>;
  close(): void;
}

/** Where a log is sent to besides the engine's own files. */
export interface Destination {
  /** For the engine's own log. */
  name: string;
  /** Rejects in dockerd's words. */
  open(): Promise<Delivery>;
  encode(message: LogMessage): Buffer;
}

/** A message that no way to its destination can carry. */
export class MessageRefused extends Error {
  override name = 'MessageRefused';
}
