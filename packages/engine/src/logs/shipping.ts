import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import type { Delivery } from './destination.ts';
import type { Journal } from './journal.ts';
import { createMessageMaker, type LogPosition } from './message.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { openReading } from './read.ts';
import type { Shipment } from './shipment.ts';

/** Sends one log to its destination, as long as its container runs and then to its end. */
export interface Shipping {
  /** The monitor writes no more. Resolves when everything is sent, or after a moment: then it goes on behind. */
  settle(): Promise<void>;
  /** Sends no more: the next engine goes on from where this one was. */
  leave(): void;
  /** Everything is sent, or given up. */
  readonly done: Promise<void>;
}

/** Milliseconds that the end of a container waits for its last words to be sent, and after which they are given up. */
const patience = { ofTheEnd: 2000, atAll: 30_000 };

/** The file that says how much of a log was sent. */
const positionPath = (path: string): string => `${path}.sent`;

/**
 * Begins to send what of a log was not sent yet, when `before` is over: whoever sends the same log until then writes
 * down how far it came. The log itself is what waits: it is read as fast as it is taken.
 */
export function startShipping(
  journal: Journal,
  shipment: Shipment,
  delivery: Delivery | null,
  before: Promise<void> = Promise.resolve(),
): Shipping {
  const { buffer } = shipment;
  const ending = new AbortController();
  const { signal } = ending;
  const { promise: written, resolve: end } = Promise.withResolvers<void>();

  /** Puts in what is not sent yet, as it comes, to its end. */
  const fill = async (outbox: Outbox, sent: LogPosition | null) => {
    let from = sent;
    for (let tail: number | null = null; !signal.aborted; tail = 0) {
      const maker = createMessageMaker(from);
      try {
        const reading = await openReading(journal, { form: null, tail, follow: written, signal });
        for await (const block of reading.blocks()) {
          for (const message of maker.take(block)) await outbox.put(message);
        }
        for (const message of maker.rest()) await outbox.put(message);
        return await outbox.empty();
      } catch (error) {
        // It was so far behind that files went before they were read: the rest is better than nothing.
        log.warn('a part of a log is not sent', { log: journal.path, error: messageOf(error) });
        from = null;
        if (tail === 0) await pause(1000, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  let isTaken = false;
  const ship = async () => {
    await before;
    const positions = await openPositions(positionPath(journal.path));
    try {
      const destination = await shipment.destination();
      isTaken = true;
      const outbox = createOutbox({ destination, delivery, buffer, signal, sent: positions.write });
      await fill(outbox, positions.last);
      ending.abort();
      await outbox.ended;
    } finally {
      await positions.close();
    }
  };
  const shipped = ship().catch((error: unknown) => {
    log.warn('a log is not sent', { log: journal.path, error: messageOf(error) });
    // An outbox that there is hangs up itself.
    if (!isTaken) delivery?.close();
    ending.abort();
  });

  return {
    done: shipped,
    leave: () => ending.abort(),
    async settle() {
      end();
      const giveUp = setTimeout(() => ending.abort(), patience.atAll);
      void shipped.then(() => clearTimeout(giveUp));
      giveUp.unref();
      const late = new AbortController();
      await Promise.race([
        shipped,
        pause(patience.ofTheEnd, undefined, { signal: late.signal }).catch(() => undefined),
      ]);
      late.abort();
    },
  };
}

/** Keeps a position in a file, which may be removed with its log at any time. */
async function openPositions(path: string) {
  let file: FileHandle | null = await open(path, 'a+', 0o600);
  const [time = '', count = ''] = (await file.readFile('latin1')).split(' ');
  await file.close();
  file = await open(path, 'r+');
  const last: LogPosition | null = time === '' ? null : { time, count: Number(count) };
  return {
    last,
    async write(position: LogPosition) {
      // Of one length always: what stood there is written over.
      await file?.write(`${position.time} ${String(position.count).padStart(12, '0')}\n`, 0);
    },
    async close() {
      await file?.close();
      file = null;
    },
  };
}
