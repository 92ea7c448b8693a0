import { posix } from 'node:path';
import { compressionOf, decompress, peek } from '../storage/compression.ts';
import type { Layer, LayerStore } from '../storage/layers.ts';
import { blockSize, cleanPath, parseHeader, readableName } from '../storage/tar.ts';
import { createTarScanner, type TarEntry } from '../storage/tarscan.ts';

/** What an image archive holds. */
export interface ArchiveContent {
  /** Its JSON files by their path. */
  documents: Map<string, Buffer>;
  /** Its layers by their path, unpacked and held in the layer store. */
  layers: Map<string, Layer>;
}

export interface ArchiveReader {
  layers: Pick<LayerStore, 'unpack' | 'hold'>;
  /** A layer that is unpacked and written down already. */
  known(diffId: string): Layer | null;
  /** Every layer that is held for this archive, as soon as it is. */
  held(layer: Layer): void;
  /** How far the layer at `path` has been read. */
  progress(path: string, current: number, total: number): Promise<void>;
}

/** Larger JSON files are what others attach to images. */
const mostDocument = 8 * 1024 * 1024;
const mostDocuments = 64 * 1024 * 1024;

/**
 * Reads an image archive, compressed or not, in one pass, in whatever order its files come. Layers are unpacked
 * as they pass by, before it is known which image they belong to: nothing of them is written twice.
 */
export async function readArchive(
  source: AsyncIterable<Buffer>,
  { layers, known, held, progress }: ArchiveReader,
): Promise<ArchiveContent> {
  const content: ArchiveContent = { documents: new Map(), layers: new Map() };
  const links = new Map<string, string>();
  let documentBytes = 0;

  const take = async (path: string, size: number, body: AsyncIterable<Buffer>): Promise<void> => {
    const there = knownLayer(path, known);
    if (there && layers.hold(there.diffId)) {
      held(there);
      content.layers.set(path, there);
      await drain(body);
      return;
    }
    const { start, whole } = await peek(body, blockSize);
    if (isLayer(start)) {
      const layer = await layers.unpack(counted(whole, (current) => progress(path, current, size)));
      held(layer);
      content.layers.set(path, layer);
      await drain(whole);
    } else if (
      /^\s*[[{]/.test(start.toString('latin1', 0, 32)) &&
      size <= mostDocument &&
      documentBytes + size <= mostDocuments
    ) {
      documentBytes += size;
      content.documents.set(path, await collect(whole));
    } else {
      await drain(whole);
    }
  };

  for await (const { entry, body } of entriesOf(decompress(source))) {
    const path = cleanPath(readableName(entry.name));
    if (entry.type === '0') await take(path, entry.size, body);
    else if (entry.type === '2')
      links.set(path, posix.join(posix.dirname(path), readableName(entry.linkname)));
    else if (entry.type === '1') links.set(path, cleanPath(readableName(entry.linkname)));
    await drain(body);
  }
  // docker save once wrote a layer that several images share as a link to its first copy.
  for (const [path, target] of links) {
    const layer = content.layers.get(links.get(target) ?? target);
    if (layer) content.layers.set(path, layer);
  }
  return content;
}

/** The entries of the archive itself; each body must be read to its end. */
async function* entriesOf(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<{ entry: TarEntry; body: AsyncIterable<Buffer> }> {
  let found: (TarEntry | Buffer)[] = [];
  const scanner = createTarScanner({
    entry(entry) {
      found.push(entry);
      return true;
    },
    content: (piece) => void found.push(piece),
    padding: () => undefined,
    beside: () => undefined,
  });
  const chunks = source[Symbol.asyncIterator]();
  /** Fills `found` unless the archive is over. */
  const more = async (): Promise<boolean> => {
    while (found.length === 0) {
      const next = await chunks.next();
      if (next.done) {
        scanner.end();
        return false;
      }
      scanner.push(next.value);
    }
    return true;
  };
  async function* bodyOf(): AsyncGenerator<Buffer> {
    while (found.length > 0 || (await more())) {
      const [piece] = found;
      if (!Buffer.isBuffer(piece)) return;
      found.shift();
      yield piece;
    }
  }
  try {
    while (await more()) {
      const entry = found.shift();
      if (entry && !Buffer.isBuffer(entry)) yield { entry, body: bodyOf() };
    }
  } finally {
    found = [];
    await chunks.return?.();
  }
}

/** A layer whose path says which one it is, and that is here already. */
function knownLayer(path: string, known: ArchiveReader['known']): Layer | null {
  const [, hex] = /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.tar)$/.exec(path)?.filter(Boolean) ?? [];
  return hex === undefined ? null : known(`sha256:${hex}`);
}

/** Whether a file is a layer: by what it is, as neither its name nor its place in the archive tells. */
function isLayer(start: Buffer): boolean {
  if (compressionOf(start) !== 'none') return true;
  if (start.length < blockSize) return false;
  try {
    parseHeader(start.subarray(0, blockSize));
    return true;
  } catch {
    return false;
  }
}

async function* counted(source: AsyncIterable<Buffer>, tell: (bytes: number) => Promise<void>) {
  let bytes = 0;
  for await (const chunk of source) {
    yield chunk;
    bytes += chunk.length;
    await tell(bytes);
  }
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function drain(source: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of source);
}
