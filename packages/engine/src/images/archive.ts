import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { EngineError, messageOf } from '../errors.ts';
import { compressionOf, decompress, peek } from '../storage/compression.ts';
import type { Layer, LayerStore } from '../storage/layers.ts';
import { blockSize, cleanPath, parseHeader } from '../storage/tar.ts';

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

  for await (const { header, body } of entriesOf(decompress(source))) {
    const path = cleanPath(header.name);
    if (header.type === 'file') await take(path, header.size, body);
    else if (header.type === 'symlink') links.set(path, posix.join(posix.dirname(path), header.linkname));
    else if (header.type === 'link') links.set(path, cleanPath(header.linkname));
  }
  // docker save once wrote a layer that several images share as a link to its first copy.
  for (const [path, target] of links) {
    const layer = content.layers.get(links.get(target) ?? target);
    if (layer) content.layers.set(path, layer);
  }
  return content;
}

/** The entries of the archive itself; each body must be read to its end. */
async function* entriesOf(source: AsyncIterable<Buffer>) {
  const reader = extract();
  const fed = pipeline(Readable.from(source, { objectMode: false }), reader);
  fed.catch(() => undefined);
  try {
    for await (const entry of explained<AsyncIterable<Buffer> & { header: Header }>(reader))
      yield { header: entry.header, body: explained<Buffer>(entry) };
    await fed;
  } finally {
    reader.destroy();
  }
}

/** Says of what goes wrong in reading an archive that it is the archive. */
async function* explained<T>(source: AsyncIterable<unknown>): AsyncGenerator<T> {
  try {
    yield* source as AsyncIterable<T>;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError('badParameter', `invalid image archive: ${messageOf(error)}`, { cause: error });
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
