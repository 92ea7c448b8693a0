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

const outputStep = 256 * 1024;
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
  const frame = createReadStream(framePath, { highWaterMark: outputStep });
  const content = frame.pipe(createZstdDecompress({ chunkSize: outputStep }));
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
 * Makes the tar of a layer again from its frame and its directory, byte for byte. Throws at the end when it did
 * not become the one that it should be.
 */
export async function* rebuildTar(
  framePath: string,
  root: string,
  diffId: string,
): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256');
  const tree = createTreeReader(root);
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const flush = (): Buffer => {
    const bytes = Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    hash.update(bytes);
    return bytes;
  };
  try {
    for await (const parts of partsOf(framePath)) {
      for (const part of parts) {
        if (Buffer.isBuffer(part)) {
          pending.push(part);
          pendingBytes += part.length;
        } else if (part.size <= smallFile) {
          pending.push(readWhole(tree, part));
          pendingBytes += part.size;
        } else {
          yield flush();
          for await (const piece of readLarge(tree, part)) {
            hash.update(piece);
            yield piece;
          }
        }
        if (pendingBytes >= outputStep) yield flush();
      }
    }
    if (pendingBytes > 0) yield flush();
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

function readWhole(tree: TreeReader, { path, size }: { path: string; size: number }): Buffer {
  const descriptor = tree.open(path, size);
  try {
    const bytes = Buffer.allocUnsafe(size);
    for (let at = 0; at < size; ) {
      const count = readSync(descriptor, bytes, at, size - at, at);
      if (count === 0) throw new Error(`${path} has become shorter`);
      at += count;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

async function* readLarge(
  tree: TreeReader,
  { path, size }: { path: string; size: number },
): AsyncGenerator<Buffer> {
  const descriptor = tree.open(path, size);
  try {
    for (let at = 0; at < size; ) {
      const bytes = Buffer.allocUnsafe(Math.min(4 * outputStep, size - at));
      const { bytesRead } = await readSome(descriptor, bytes, 0, bytes.length, at);
      if (bytesRead === 0) throw new Error(`${path} has become shorter`);
      at += bytesRead;
      yield bytes.subarray(0, bytesRead);
    }
  } finally {
    closeSync(descriptor);
  }
}
