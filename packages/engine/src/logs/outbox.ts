import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { type Delivery, type Destination, MessageRefused } from './destination.ts';
import type { LogMessage, LogPosition } from './message.ts';

/** How much waits to be sent before a log is read on. */
const standardRoom = 1024 * 1024;
/** How many messages an engine that was killed may send twice. */
const writtenEvery = 256;
/** Milliseconds between attempts to reach a destination that is away: more each time. */
const pauses = { least: 100, most: 5000 };

export interface OutboxOptions {
  destination: Destination;
  /** A way to it that is open already. */
  delivery: Delivery | null;
  /** Bytes that wait at most, beyond which messages are thrown away; null: then whoever brings them has to wait. */
  buffer: number | null;
  /** Aborted when nothing more is to be sent. */
  signal: AbortSignal;
  /** Is told from time to time how much was sent. What it rejects with is logged. */
  sent(position: LogPosition): Promise<void>;
}

/** What is to be sent to a destination, which is tried again until it is there. */
export interface Outbox {
  put(message: LogMessage): Promise<void>;
  /** Resolves when everything is sent, or given up. */
  empty(): Promise<void>;
  /** Resolves after the end of sending, when it is written down how much was sent. */
  readonly ended: Promise<void>;
}

/** Makes an outbox and begins to send. */
export function createOutbox({ destination, buffer, signal, sent, ...options }: OutboxOptions): Outbox {
  const queue: { bytes: Buffer; next: LogPosition }[] = [];
  const room = buffer ?? standardRoom;
  let { delivery } = options;
  let waiting = 0;
  let isAway = false;
  let dropped = 0;
  // Passed by the worker when there is something, and by the others when there is room, or nothing left.
  let change = Promise.withResolvers<void>();
  const tell = () => {
    change.resolve();
    change = Promise.withResolvers<void>();
  };
  const hangUp = () => {
    delivery?.close();
    delivery = null;
  };
  const stop = () => {
    // Whoever waits for a destination that takes nothing more would wait for ever.
    hangUp();
    tell();
  };
  signal.addEventListener('abort', stop, { once: true });

  const deliver = async (bytes: Buffer): Promise<boolean> => {
    try {
      delivery ??= await destination.open();
      if (signal.aborted) return false;
      await delivery.send(bytes);
      if (isAway) log.info('a log is sent again', { to: destination.name });
      isAway = false;
      return true;
    } catch (error) {
      if (error instanceof MessageRefused) {
        log.warn('a message of a log cannot be sent', { to: destination.name, error: error.message });
        return true;
      }
      hangUp();
      if (signal.aborted) return false;
      if (!isAway) log.warn('a log cannot be sent', { to: destination.name, error: messageOf(error) });
      isAway = true;
      return false;
    }
  };
  const work = async () => {
    let wait = pauses.least;
    let unwritten = 0;
    let last: LogPosition | null = null;
    const write = async () => {
      unwritten = 0;
      try {
        if (last) await sent(last);
      } catch (error) {
        // On a disk that is full: then the next engine sends something twice.
        log.warn('cannot write down how much of a log was sent', { error: messageOf(error) });
      }
    };
    while (!signal.aborted) {
      const [first] = queue;
      if (!first) {
        await change.promise;
      } else if (await deliver(first.bytes)) {
        wait = pauses.least;
        queue.shift();
        waiting -= first.bytes.length;
        last = first.next;
        unwritten += 1;
        if (queue.length === 0 || unwritten >= writtenEvery) await write();
        if (queue.length === 0 || waiting < room) tell();
      } else {
        await pause(wait, undefined, { signal }).catch(() => undefined);
        wait = Math.min(wait * 2, pauses.most);
      }
    }
    hangUp();
    await write();
  };
  const ended = work();

  return {
    async put(message) {
      const bytes = destination.encode(message);
      const isFull = () => queue.length > 0 && waiting + bytes.length > room;
      if (isFull() && buffer !== null) {
        if (dropped++ === 0) log.warn('messages of a log are dropped', { to: destination.name });
        return;
      }
      while (isFull() && !signal.aborted) await change.promise;
      dropped = 0;
      queue.push({ bytes, next: message.next });
      waiting += bytes.length;
      if (queue.length === 1) tell();
    },
    async empty() {
      while (queue.length > 0 && !signal.aborted) await change.promise;
    },
    ended,
  };
}
