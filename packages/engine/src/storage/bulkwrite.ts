import { writev as writeBuffers, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const writev = promisify(writeBuffers);
/** What is written at once without a turn of the thread pool, which would take longer. */
const smallWrite = 32 * 1024;
/** As much as is gathered for one turn of it: with less, more time goes into the turns than into writing. */
const gathered = { bytes: 1024 * 1024, pieces: 512 };

/** Writes a file whose content comes in pieces, behind whoever brings them. */
export interface BulkWriter {
  /** Takes a piece, which must stay as it is; resolves when there is room for the next one. */
  write(piece: Buffer): Promise<void> | undefined;
  /** Resolves when everything is written. */
  end(): Promise<void>;
  /** Writes no more; resolves when the descriptor is not used any longer. */
  abandon(): Promise<void>;
}

/** Makes the writer for a descriptor, from where it stands. A write that fails is told by the next call. */
export function createBulkWriter(descriptor: number): BulkWriter {
  let pieces: Buffer[] = [];
  let length = 0;
  let running = Promise.resolve();

  const flush = async (): Promise<void> => {
    const batch = pieces;
    pieces = [];
    length = 0;
    await running;
    running = writeAll(descriptor, batch);
    // It is told to whoever waits for it next.
    running.catch(() => undefined);
  };
  return {
    write(piece) {
      pieces.push(piece);
      length += piece.length;
      return length >= gathered.bytes || pieces.length >= gathered.pieces ? flush() : undefined;
    },
    async end() {
      await running;
      if (length > smallWrite) return writeAll(descriptor, pieces);
      for (const piece of pieces) writeNow(descriptor, piece);
    },
    async abandon() {
      pieces = [];
      await running.catch(() => undefined);
    },
  };
}

async function writeAll(descriptor: number, pieces: Buffer[]): Promise<void> {
  let left = pieces;
  while (left.length > 0) {
    let { bytesWritten: done } = await writev(descriptor, left);
    const whole = left.findIndex((piece) => {
      if (piece.length > done) return true;
      done -= piece.length;
      return false;
    });
    left = whole < 0 ? [] : [left[whole]?.subarray(done) ?? Buffer.alloc(0), ...left.slice(whole + 1)];
  }
}

function writeNow(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at);
}
