// The two halves of ws, which is typed without them.
import type { Duplex, Writable } from 'node:stream';

declare module 'ws' {
  interface ReceiverOptions {
    isServer: boolean;
    maxBufferedChunks: number;
    maxFragments: number;
    maxPayload: number;
    skipUTF8Validation: boolean;
  }

  /** Takes what a peer sends, and tells of it with `message`, `ping` and, as its last frame, `conclude`. */
  export class Receiver extends Writable {
    constructor(options: ReceiverOptions);
  }

  /** Writes frames. */
  export class Sender {
    constructor(socket: Duplex);
    send(
      data: Uint8Array | string,
      options: { binary: boolean; fin: boolean; compress: boolean; mask: boolean },
      sent: (error?: Error | null) => void,
    ): void;
    pong(data: Uint8Array, mask: boolean): void;
    close(code: number, reason: string, mask: boolean): void;
  }
}
