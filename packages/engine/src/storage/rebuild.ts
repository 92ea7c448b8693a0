import { createHash } from 'node:crypto';
import { closeSync, createReadStream, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { createZstdDecompress } from 'node:zlib';
import { EngineError, messageOf } from '../errors.ts';
import { isInDirectory } from './layertar.ts';
import { cleanPath } from './tar.ts';
import { createTarScanner } from './tarscan.ts';
import { createTreeReader, type TreeReader } from './tree.ts';

/** What a layer's tar is made of, in order: bytes of its frame, and files of its directory. */
type Part = Buffer | { path: string; size: number };

const frameStep = 256 * 1024;
const pieceSize = 1024 * 1024;
/** Files up to this size are read at once: the way through the thread pool would take longer. */
const smallFile = 64 * 1024;
const readSome = promisify(read);

/** Reads a frame as the parts of the tar that it describes, some at a time. */
async function* partsOf(framePath: string): AsyncGenerator<Part[]> {
  let parts: Part[] = [];
  const add = (piece: Buffer) => void parts.push(piece);
  const scanner = createTarScanner({
    entry(entry, raw) {
      parts.push(...raw);
      if (!isInDirectory(entry)) return true;
      if (entry.size > 0) parts.push({ path: cleanPath(entry.name), size: entry.size });
      return false;
    },
    content: add,
    padding: add,
    beside: add,
  });
  const frame = createReadStream(framePath, { highWaterMark: frameStep });
  const content = frame.pipe(createZstdDecompress({ chunkSize: frameStep }));
  frame.once('error', (error) => content.destroy(error));
  for await (const chunk of content as AsyncIterable<Buffer>) {
    scanner.push(chunk);
    const taken = parts;
    parts = [];
    yield taken;
  }
  scanner.end();
  yield parts;
}

/** The size of a layer's tar, which is known without reading its files. */
export async function tarSize(framePath: string): Promise<number> {
  let size = 0;
  for await (const parts of partsOf(framePath))
    for (const part of parts) size += Buffer.isBuffer(part) ? part.length : part.size;
  return size;
}

/**
 * Makes the tar of a layer again from its frame and its directory, byte for byte, in pieces of 1 MiB but for the last.
 * Throws at the end when it did not become the one that it should be.
 */
export async function* rebuildTar(
  framePath: string,
  root: string,
  diffId: string,
): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256');
  const tree = createTreeReader(root);
  /** Everything is read into its place here: to put pieces together would be a copy of all of it. */
  let piece = Buffer.allocUnsafeSlow(pieceSize);
  let filled = 0;
  const take = (): Buffer => {
    const taken = piece.subarray(0, filled);
    hash.update(taken);
    piece = Buffer.allocUnsafeSlow(pieceSize);
    filled = 0;
    return taken;
  };
  try {
    for await (const parts of partsOf(framePath)) {
      for (const part of parts) {
        const content = Buffer.isBuffer(part) ? fromMemory(part) : openContent(tree, part);
        try {
          for (let left = Buffer.isBuffer(part) ? part.length : part.size; left > 0; ) {
            const wanted = Math.min(left, pieceSize - filled);
            const read = content.read(piece, filled, wanted);
            const count = typeof read === 'number' ? read : await read;
            if (count === 0) throw new Error('a file has become shorter');
            filled += count;
            left -= count;
            if (filled === pieceSize) yield take();
          }
        } finally {
          content.close();
        }
      }
    }
    if (filled > 0) yield take();
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError('internal', `cannot read the layer ${diffId}: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    tree.close();
  }
  if (`sha256:${hash.digest('hex')}` !== diffId)
    throw new EngineError('internal', `the layer ${diffId} is not what it was: its files have changed`);
}

/** What is read from its beginning to its end. */
interface Content {
  /** Reads up to `wanted` bytes to a place; returns how many came. */
  read(into: Buffer, at: number, wanted: number): number | Promise<number>;
  close(): void;
}

function fromMemory(bytes: Buffer): Content {
  let position = 0;
  return {
    read(into, at, wanted) {
      const count = bytes.copy(into, at, position, position + wanted);
      position += count;
      return count;
    },
    close: () => undefined,
  };
}

function openContent(tree: TreeReader, { path, size }: { path: string; size: number }): Content {
  const descriptor = tree.open(path, size);
  return {
    read: (into, at, wanted) =>
      size <= smallFile
        ? readSync(descriptor, into, at, wanted, null)
        : readSome(descriptor, into, at, wanted, null).then(({ bytesRead }) => bytesRead),
    close: () => closeSync(descriptor),
  };
}
