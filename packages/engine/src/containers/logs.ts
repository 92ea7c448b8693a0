import { constants, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createLogFormatter, type LogForm, tagAt } from './logformat.ts';

const largeBlock = 256 * 1024;
/** Enough for an entry, however long the line: the monitor cuts it into parts of 8 KiB. */
const smallBlock = 16 * 1024;

export interface LogOptions {
  form: LogForm;
  /** How many lines from the end; null: all. */
  tail: number | null;
  /** Goes on until this resolves, which must not be before the last entry is in the file. */
  follow: Promise<unknown> | null;
  /** Aborted when nobody reads any more. */
  signal: AbortSignal;
}

/** Reads a log as its clients want it, block by block, however long it is. */
export async function* readLog(path: string, options: LogOptions): AsyncGenerator<Buffer> {
  const file = await openLog(path);
  if (!file) return;
  const changes = options.follow ? watchLog(path, options.follow, options.signal) : null;
  try {
    const formatter = createLogFormatter(options.form);
    let position = options.tail === null ? 0 : await findTail(file, options.tail);
    const readInto = async (rest: Buffer, size: number) => {
      const block = Buffer.allocUnsafe(Math.max(size, rest.length * 2));
      rest.copy(block);
      const { bytesRead } = await file.read(block, rest.length, block.length - rest.length, position);
      position += bytesRead;
      return { block: block.subarray(0, rest.length + bytesRead), bytesRead };
    };
    let rest = Buffer.alloc(0);
    let size = largeBlock;
    while (!options.signal.aborted) {
      const complete = changes?.over() ?? true;
      const { block, bytesRead } = await readInto(rest, size);
      if (bytesRead === 0) {
        if (complete) return;
        await changes?.next();
        continue;
      }
      const { length, consumed } = formatter.reshape(block);
      // A block without the end of an entry is none of the monitor's.
      rest = consumed === 0 && block.length >= largeBlock ? Buffer.alloc(0) : block.subarray(consumed);
      size = bytesRead < smallBlock / 2 ? smallBlock : largeBlock;
      if (length > 0) yield block.subarray(0, length);
      if (formatter.over) return;
    }
  } finally {
    changes?.close();
    await file.close();
  }
}

/** Opens a log, never through a link; null when there is none, as for a container that never ran. */
async function openLog(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

interface Changes {
  /** Whether nothing more is going to be written. */
  over(): boolean;
  /** Resolves when the file may have grown since the last time, or all is over. */
  next(): Promise<void>;
  close(): void;
}

function watchLog(path: string, end: Promise<unknown>, signal: AbortSignal): Changes {
  let over = false;
  let changed = true;
  let wake = () => {};
  const note = () => {
    changed = true;
    wake();
  };
  const watcher = watch(path, note);
  // A folder that is removed with its log must not take the engine along.
  watcher.on('error', note);
  signal.addEventListener('abort', note, { once: true });
  const finish = () => {
    over = true;
    note();
  };
  end.then(finish, finish);
  return {
    over: () => over,
    async next() {
      if (!changed && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      changed = false;
    },
    close() {
      watcher.close();
      signal.removeEventListener('abort', note);
    },
  };
}

const newline = 0x0a;
const letterF = 0x46;

/** The position at which the last `lines` lines of a log begin; it is read backwards, as far as need be. */
export async function findTail(file: FileHandle, lines: number, blockSize = 64 * 1024): Promise<number> {
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafe(blockSize + tagAt + 1);
  let found = -1;
  let next = size;
  for (let stop = size; stop > 0; stop = Math.max(stop - blockSize, 0)) {
    const start = Math.max(stop - blockSize, 0);
    // The tag of an entry that begins at the end of this block is in the one behind it.
    const { bytesRead } = await file.read(buffer, 0, Math.min(stop + tagAt + 1, size) - start, start);
    const block = buffer.subarray(0, bytesRead);
    let at = stop - start;
    do {
      at = at > 0 ? block.lastIndexOf(newline, at - 1) : -1;
      // Only a newline, or the beginning of the file, tells where an entry begins.
      if (at === -1 && start > 0) break;
      const entry = start + at + 1;
      if (found === -1) {
        // What stands behind the last newline is being written right now: it is beside the count.
        found = 0;
        next = entry;
        continue;
      }
      // Parts that no end of a line follows are a line, too.
      if (block[at + 1 + tagAt] === letterF || found === 0) found += 1;
      if (found > lines) return next;
      next = entry;
    } while (at >= 0);
  }
  return found > lines ? next : 0;
}

/** Reads the number of lines that clients ask for; all of them when it is no number, as dockerd does. */
export function parseTail(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
