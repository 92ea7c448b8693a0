import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** Bytes that are compressed by themselves: large enough not to cost compression, small enough to share out. */
const pieceSize = 1024 * 1024;
/** Pieces under way at once; each keeps a thread of the pool busy. */
const atOnce = 3;
const level = 3;
/** Room for what a piece becomes most often: more would take another turn of the thread pool. */
const outputSize = pieceSize / 2;

/**
 * Compresses on several processors: every piece of the source becomes a gzip member of its own, and members in a
 * row are a gzip file (RFC 1952). The same source gives the same bytes, whatever chunks it comes in.
 */
export async function* gzipParallel(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const underWay: Promise<Buffer>[] = [];
  let isEmpty = true;
  const begin = (piece: Buffer) => {
    isEmpty = false;
    const result = compress(piece, { level, chunkSize: outputSize });
    // It is told to whoever waits for it, which may not be before others are done.
    result.catch(() => undefined);
    underWay.push(result);
  };
  for await (const piece of piecesOf(source)) {
    begin(piece);
    if (underWay.length >= atOnce) yield (await underWay.shift()) as Buffer;
  }
  if (isEmpty) begin(Buffer.alloc(0));
  for (const result of underWay) yield await result;
}

async function* piecesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (let chunk of source) {
    while (size + chunk.length >= pieceSize) {
      const rest = pieceSize - size;
      // A chunk that is a piece already is not copied.
      yield held.length === 0 ? chunk.subarray(0, rest) : Buffer.concat([...held, chunk.subarray(0, rest)]);
      chunk = chunk.subarray(rest);
      held = [];
      size = 0;
    }
    if (chunk.length > 0) held.push(chunk);
    size += chunk.length;
  }
  if (size > 0) yield Buffer.concat(held);
}
