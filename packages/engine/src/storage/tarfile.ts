import { createReadStream } from 'node:fs';
import { decompress, peek } from './compression.ts';
import { blockSize, parseHeader } from './tar.ts';

/** Opens a file if it is a tar archive, compressed or not, as a stream of that archive; null when it is none. */
export async function openTar(path: string): Promise<AsyncIterable<Buffer> | null> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    const { start, whole } = await peek(decompress(file), blockSize);
    if (start.length >= blockSize && parseHeader(start.subarray(0, blockSize)) !== null) return whole;
  } catch {
    // Neither compressed nor an archive, whatever its first bytes look like.
  }
  file.destroy();
  return null;
}
