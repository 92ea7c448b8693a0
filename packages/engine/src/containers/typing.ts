import type { Duplex } from 'node:stream';
import { createDetachFilter } from './detach.ts';

/** What becomes of the input that a client gives. */
export interface TypingEvents {
  /** Takes what was typed; resolves when more may come. */
  write(bytes: Buffer): Promise<void>;
  /** The keys were typed that let go. */
  onDetach(): void;
  /** The client has ended its input. */
  onEnd(): void;
}

/** Takes what a client types, one piece after the other. */
export interface Typing {
  /** Begins to read; until then, what the client sends waits in its connection. */
  start(): void;
  /** Reads no more. */
  stop(): void;
  /** Runs `then` when everything is written that came before. */
  after(then: () => void): void;
}

/** Makes the input of a client. `keys` are those that let go, null where there are none: then all is passed on. */
export function createTyping(socket: Duplex, keys: Buffer | null, events: TypingEvents): Typing {
  const filter = keys ? createDetachFilter(keys) : null;
  let detaching = false;
  // What comes last may tell of its end before what came before is written.
  let typed: Promise<void> = Promise.resolve();
  const type = async (bytes: Buffer) => {
    const { input, detached } = filter?.feed(bytes) ?? { input: bytes, detached: false };
    detaching ||= detached;
    socket.pause();
    if (input.length > 0) await events.write(input);
    if (detached) events.onDetach();
    else socket.resume();
  };
  const after = (then: () => void) => void typed.then(then);
  const onData = (bytes: Buffer) => {
    if (!detaching) typed = type(bytes);
  };
  const onEnd = () => after(events.onEnd);
  return {
    start() {
      // A socket tells at once of an end that nothing came before, whether anybody listens or not.
      if (socket.readableEnded) return onEnd();
      socket.on('data', onData);
      socket.on('end', onEnd);
      // A client that has nothing to say may have ended its half before there was a console.
      if (socket.readableEnded) onEnd();
      else socket.resume();
    },
    stop() {
      socket.off('data', onData);
      socket.off('end', onEnd);
    },
    after,
  };
}
