import type { FileHandle } from 'node:fs/promises';
import { tagAt } from './format.ts';

const newline = 0x0a;
const letterF = 0x46;

/** Finds where the last lines of a log begin, from its newest file to older ones. */
export interface TailFinder {
  /** The position in this file; null when all of it belongs to them, and maybe some of the file before. */
  search(file: FileHandle): Promise<number | null>;
}

/** Looks for the last `lines` lines; files are read backwards, as far as need be. */
export function createTailFinder(lines: number, blockSize = 64 * 1024): TailFinder {
  let found = -1;
  return {
    async search(file) {
      const { size } = await file.stat();
      const buffer = Buffer.allocUnsafe(blockSize + tagAt + 1);
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
          // What stands behind the last newline is being written right now: it is beside the count.
          if (found === -1 || entry === size) {
            found = Math.max(found, 0);
            next = entry;
            continue;
          }
          // Parts that no end of a line follows are a line, too.
          if (block[at + 1 + tagAt] === letterF || found === 0) found += 1;
          if (found > lines) return next;
          next = entry;
        } while (at >= 0);
      }
      return null;
    },
  };
}

/** Reads the number of lines that clients ask for; all of them when it is no number, as dockerd does. */
export function parseTail(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
