import { createReadStream, createWriteStream } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { inodeOf, listNumbers, packedPath, packingPath, prune, sealedPath } from './files.ts';
import { reachSize } from './growth.ts';
import type { Journal } from './journal.ts';
import type { LogLimits } from './limits.ts';

/** The monitor that writes a log. */
export interface LogWriter {
  /** Asks it to go on in a new file; false when there is nobody to be asked. */
  reopen(): Promise<boolean>;
  /** Whether something that it was asked is still unread. */
  isAsked(): Promise<boolean>;
}

/** Keeps one log within its limits, as long as its container runs. */
export interface Rotation {
  /** The monitor is gone: finishes what was under way, and ends. */
  settle(): Promise<void>;
  /** Leaves everything as it is to the next engine. */
  leave(): void;
}

/** How long a monitor may take to begin a new file, of which an engine before this one may have asked it. */
const grace = 2000;
const retryAfter = 1000;

/**
 * Begins to keep a log within its limits. A file that is full gets a second name with the next number, and then the
 * monitor is asked for a new one, which it renames to the log's own name: that seals the old one, and at no moment
 * is there no log. It is asked once only: the second new file would take the place of a first one with lines in it.
 */
export function startRotation(journal: Journal, limits: LogLimits, writer: LogWriter): Rotation {
  const { path } = journal;
  const ending = new AbortController();
  const { signal } = ending;
  const sleep = (time: number) => pause(time, undefined, { signal }).catch(() => undefined);
  let packing = Promise.resolve();

  /** What follows when a file is sealed. Within the journal's `run`. */
  const turn = async () => {
    await journal.turn();
    await prune(path, limits.maxFiles - 1);
  };
  const undo = (number: number) => rm(sealedPath(path, number), { force: true });

  /** Links the log to the next number and asks for a new one; returns the number, null when nobody was asked. */
  const begin = () =>
    journal.run(async () => {
      if (signal.aborted) return null;
      const number = ((await listNumbers(path)).at(-1) ?? 0) + 1;
      await link(path, sealedPath(path, number));
      try {
        if (await writer.reopen()) return number;
      } catch (error) {
        log.warn('cannot ask for a new log', { log: path, error: messageOf(error) });
      }
      await undo(number);
      return null;
    });

  const isSealed = (number: number) =>
    journal.run(async () => {
      if (signal.aborted) return true;
      if ((await inodeOf(path)) === (await inodeOf(sealedPath(path, number)))) return false;
      await turn();
      return true;
    });

  const awaitSeal = async (number: number, lost: () => Promise<boolean>) => {
    for (let wait = 1; !(await isSealed(number)); wait = Math.min(wait * 2, 100)) {
      if (await lost()) return;
      await sleep(wait);
    }
  };

  /** Finishes what an engine before this one began: it may or may not have asked. */
  const recover = async () => {
    const number = await journal.run(journal.unsealed);
    if (number === null) return journal.run(() => prune(path, limits.maxFiles - 1));
    const latest = Date.now() + grace;
    await awaitSeal(number, async () => {
      if (Date.now() < latest || (await writer.isAsked())) return false;
      await journal.run(async () => {
        if (!signal.aborted && (await journal.unsealed()) === number) await undo(number);
      });
      return true;
    });
  };

  const pack = () => {
    if (!limits.compress) return;
    packing = packing
      .then(() => packAll(journal, signal))
      .catch((error: unknown) => log.warn('cannot pack a log', { log: path, error: messageOf(error) }));
  };

  const keep = async () => {
    await recover();
    while (!signal.aborted) {
      pack();
      await reachSize(path, limits.maxSize, signal);
      const number = signal.aborted ? null : await begin();
      if (number === null) await sleep(retryAfter);
      else await awaitSeal(number, async () => false);
    }
  };
  const run = async () => {
    while (!signal.aborted) {
      await keep().catch((error: unknown) =>
        log.warn('cannot keep a log', { log: path, error: messageOf(error) }),
      );
      await sleep(retryAfter);
    }
  };
  void run();

  return {
    leave: () => ending.abort(),
    async settle() {
      ending.abort();
      await journal.run(async () => {
        const number = await journal.unsealed();
        if (number !== null) await undo(number);
        await rm(`${path}.tmp`, { force: true });
        await turn();
      });
      await packing;
    },
  };
}

/** Packs the files of a log that are not packed yet, but for the one that is written. */
async function packAll(journal: Journal, signal: AbortSignal): Promise<void> {
  const { path } = journal;
  const unsealed = await journal.run(journal.unsealed);
  for (const number of await listNumbers(path)) {
    if (number === unsealed || (await inodeOf(sealedPath(path, number))) === null) continue;
    const target = packingPath(path);
    try {
      await pipeline(
        createReadStream(sealedPath(path, number)),
        createGzip(),
        createWriteStream(target, { mode: 0o600 }),
        {
          signal,
        },
      );
      await flush(target);
      await journal.run(async () => {
        // It may have been removed meanwhile, for its age or with its container.
        if (signal.aborted || (await inodeOf(sealedPath(path, number))) === null) return;
        await rename(target, packedPath(path, number));
        await rm(sealedPath(path, number));
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await rm(target, { force: true });
    }
    if (signal.aborted) return;
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
