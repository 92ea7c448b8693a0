import type { FileHandle } from 'node:fs/promises';
import { EngineError } from '../errors.ts';
import { type ChangeWatch, watchChanges } from './changes.ts';
import { type LogFile, unpack } from './files.ts';
import { createLogFormatter, type LogForm, type LogFormatter, wholeEntries } from './format.ts';
import type { Journal } from './journal.ts';
import { createTailFinder } from './tail.ts';

const largeBlock = 256 * 1024;
/** Enough for an entry, however long the line: the monitor cuts it into parts of 8 KiB. */
const smallBlock = 16 * 1024;

/** How far a reader may be behind a log whose old files are removed: as long as it is, they take up room on the disk. */
export const patience = { bytes: 1024 ** 3, files: 512 };

export interface ReadOptions {
  /** Null: the entries as they are in the files. */
  form: LogForm | null;
  /** How many lines from the end; null: all. */
  tail: number | null;
  /** Goes on until this resolves, which must not be before the last entry is in the file. */
  follow: Promise<unknown> | null;
  /** Aborted when nobody reads any more. */
  signal: AbortSignal;
}

/** A log that was opened: what it holds from that moment on is read, however late. */
export interface LogReading {
  /** What clients are sent, block by block. Closes the log at its end. */
  blocks(): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

/** Opens a log to read it as its clients want it. */
export async function openReading(journal: Journal, options: ReadOptions): Promise<LogReading> {
  const { follow, signal, tail } = options;
  let changes: ChangeWatch | null = null;
  let waiting = 0;
  let tooFar = false;
  const files: LogFile[] = [];
  let closed = false;
  const follower = async (file: LogFile) => {
    const size =
      (
        await files
          .at(-1)
          ?.handle.stat()
          .catch(() => null)
      )?.size ?? 0;
    // Its reader may leave while it is handed over.
    if (closed) return file.handle.close();
    waiting += size;
    tooFar ||= waiting > patience.bytes || files.length >= patience.files;
    files.push(file);
    changes?.move();
  };
  const opened = await journal.open(follow ? follower : null);
  files.unshift(...opened.files);
  if (follow) changes = watchChanges(journal.path, follow, signal);

  const close = async () => {
    closed = true;
    opened.leave();
    changes?.close();
    await Promise.all(files.splice(0).map(({ handle }) => handle.close()));
  };
  const first = async (): Promise<FileHandle | undefined> => {
    const [file] = files;
    if (!file?.packed) return file?.handle;
    const plain = await unpack(journal.path, file);
    files[0] = plain;
    return plain.handle;
  };
  const drop = async (): Promise<void> => {
    await files.shift()?.handle.close();
  };

  /** Drops all that comes before the last lines; returns where they begin in what is left. */
  const findTail = async (lines: number): Promise<number> => {
    const finder = createTailFinder(lines);
    for (let index = opened.files.length - 1; index >= 0; index--) {
      const file = files[index];
      if (!file) continue;
      const plain = await unpack(journal.path, file);
      files[index] = plain;
      const position = await finder.search(plain.handle);
      if (position === null) continue;
      while (index-- > 0) await drop();
      return position;
    }
    return 0;
  };

  const read = async function* (start: number): AsyncGenerator<Buffer> {
    const formatter = options.form ? createLogFormatter(options.form) : wholeEntries;
    let position = start;
    let rest: Buffer = Buffer.alloc(0);
    let size = largeBlock;
    while (!signal.aborted && !formatter.over) {
      if (tooFar) throw new EngineError('internal', 'the log is removed faster than it is read');
      // Asked before the file is read: then nothing can come that is not seen.
      const isLast = files.length === 1;
      const isOver = isLast && (changes?.over() ?? true);
      const file = await first();
      if (!file) return;
      const block = Buffer.allocUnsafe(Math.max(size, rest.length * 2));
      rest.copy(block);
      const { bytesRead } = await file.read(block, rest.length, block.length - rest.length, position);
      if (bytesRead === 0) {
        if (isOver) return;
        if (isLast) await changes?.next();
        else {
          await drop();
          waiting = Math.max(waiting - position, 0);
          position = 0;
          rest = Buffer.alloc(0);
        }
        continue;
      }
      position += bytesRead;
      const { output, rest: left } = reshape(formatter, block.subarray(0, rest.length + bytesRead));
      rest = left;
      size = bytesRead < smallBlock / 2 ? smallBlock : largeBlock;
      if (output.length > 0) yield output;
    }
  };

  try {
    const start = tail === null ? 0 : await findTail(tail);
    return {
      async *blocks() {
        try {
          yield* read(start);
        } finally {
          await close();
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function reshape(formatter: LogFormatter, block: Buffer): { output: Buffer; rest: Buffer } {
  const { output, consumed } = formatter.reshape(block);
  // A block without the end of an entry is none of the monitor's.
  const isGarbage = consumed === 0 && block.length >= largeBlock;
  return { output, rest: isGarbage ? Buffer.alloc(0) : block.subarray(consumed) };
}

/** Reads a log that nobody has opened yet. */
export async function* readLog(journal: Journal, options: ReadOptions): AsyncGenerator<Buffer> {
  yield* (await openReading(journal, options)).blocks();
}
