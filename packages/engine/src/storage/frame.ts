import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';

/** The file that holds a layer's frame, packed. */
export interface FrameFile {
  /** Takes pieces, and hands them on when there are enough of them. They may be reused afterwards. */
  write(pieces: readonly Buffer[]): Promise<void>;
  /** Resolves when all of it is in the file. */
  end(): Promise<void>;
  /** Lets go of the file, whether it is complete or not. */
  destroy(): void;
}

/** Bytes that are handed to the compressor at once: each time is a turn of the thread pool. */
const step = 256 * 1024;

export function createFrameFile(path: string): FrameFile {
  const compressor = createZstdCompress();
  const written = pipeline(compressor, createWriteStream(path));
  written.catch(() => undefined);
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const handOn = async () => {
    const bytes = Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    if (bytes.length > 0 && !compressor.write(bytes)) await once(compressor, 'drain');
  };
  return {
    async write(pieces) {
      // A copy, which lets go of the chunk: headers are small and far apart.
      const copy = Buffer.concat(pieces);
      pending.push(copy);
      pendingBytes += copy.length;
      if (pendingBytes >= step) await handOn();
    },
    async end() {
      await handOn();
      compressor.end();
      await written;
    },
    destroy: () => void compressor.destroy(),
  };
}
