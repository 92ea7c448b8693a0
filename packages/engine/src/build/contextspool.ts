import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { decompress } from '../storage/compression.ts';
import { readFileInside, removeInside } from '../storage/confined.ts';
import { extract } from '../storage/extract.ts';
import type { FileTree } from '../storage/hold.ts';
import { blockSize, encodeEntry, makeBlock, paddingOf } from '../storage/tar.ts';
import { createTarScanner } from '../storage/tarscan.ts';
import { type ContextCheck, createContextCheck } from './contextcheck.ts';
import { type ContextIndex, type ContextNode, createIndexer, LinkInTheWay } from './contextindex.ts';

/**
 * A build context that was sent. It stays the archive that it came as, for files are made slowly, and most builds
 * find all that they copy in the cache.
 */
export interface BuildContext {
  /** What is in it; null when only its files show that. */
  readonly index: ContextIndex | null;
  /** Its files, unpacked when they are asked for. */
  tree(): Promise<FileTree>;
  /** A file of it; null when there is none. Throws `badParameter` for one that is larger than `limit`. */
  read(path: string, limit: number): Promise<Buffer | null>;
  remove(path: string): Promise<void>;
  /**
   * An archive of something in the index: of what is in a folder but for the paths that `leavesOut` names, or of a
   * file, by another name.
   */
  pack(node: ContextNode, rename: string, leavesOut: (path: string) => boolean): AsyncGenerator<Buffer>;
  /** What is in a file of the index. */
  content(node: ContextNode): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

const ownRoot = { uid: 0, gid: 0 };
const step = 1024 * 1024;

/** An archive that was taken in. */
export interface SpooledArchive {
  file: FileHandle;
  path: string;
  index: ContextIndex | null;
}

/** Takes an archive in, below a folder that is made. There are `room` bytes for it. Throws `badParameter`. */
export async function spoolArchive(
  archive: AsyncIterable<Buffer>,
  folder: string,
  room: number,
): Promise<SpooledArchive> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'archive');
  const file = await open(path, 'wx+', 0o600);
  try {
    return { file, path, index: await spool(archive, file, createContextCheck(room)) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Takes a context in, below a folder that is gone with the build; everything in it belongs to root from then on.
 * There are `room` bytes for it. Throws `badParameter` for what has no place in a context.
 */
export async function receiveContext(
  archive: AsyncIterable<Buffer>,
  folder: string,
  room: number,
): Promise<BuildContext> {
  const { file, path, index } = await spoolArchive(archive, folder, room);
  const packed = () => createReadStream(path, { highWaterMark: step }) as AsyncIterable<Buffer>;
  const context = contextOf({ file, root: join(folder, 'files'), index, packed });
  try {
    // What is wrong with it is told before the build begins.
    if (!index) await context.tree();
    return context;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function notIndexed(): never {
  throw new Error('nothing of this context is in an index');
}

/** A context whose files are there already. */
export function folderContext(root: string): BuildContext {
  return {
    index: null,
    tree: async () => ({ root, mounts: [] }),
    read: async (name, limit) => readFileInside(root, name, limit),
    remove: async (name) => removeInside(root, name),
    pack: notIndexed,
    content: notIndexed,
    close: () => Promise.resolve(),
  };
}

async function spool(
  archive: AsyncIterable<Buffer>,
  file: FileHandle,
  check: ContextCheck,
): Promise<ContextIndex | null> {
  const indexer = createIndexer();
  /** Bytes of the archive up to the end of the headers that were told of last. */
  let seen = 0;
  const count = (piece: Buffer) => {
    seen += piece.length;
  };
  const scanner = createTarScanner({
    entry(entry, raw) {
      for (const block of raw) count(block);
      check.entry(entry);
      indexer.entry(entry, seen);
      return true;
    },
    content(piece) {
      count(piece);
      indexer.content(piece);
    },
    padding: count,
    beside: count,
  });
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of decompress(archive)) {
    scanner.push(chunk);
    check.bytes(chunk.length);
    waiting.push(chunk);
    size += chunk.length;
    // Each time that something is written is a turn of the thread pool.
    if (size < step) continue;
    await file.writeFile(Buffer.concat(waiting));
    waiting = [];
    size = 0;
  }
  await file.writeFile(Buffer.concat(waiting));
  scanner.end();
  return indexer.end();
}

interface Spooled {
  /** The archive that was sent. */
  file: FileHandle;
  /** Where its files go when they are asked for. */
  root: string;
  index: ContextIndex | null;
  /** All of it as an archive; without it, that is made of what is in the index. */
  packed?: () => AsyncIterable<Buffer>;
}

/** A context of what was sent, and of what the index knows to be elsewhere. */
export function contextOf({ file, root, index, packed }: Spooled): BuildContext {
  const removed: string[] = [];
  let unpacked: Promise<FileTree> | null = null;

  const unpack = async (): Promise<FileTree> => {
    await mkdir(root, { recursive: true, mode: 0o755 });
    const tree = { root, mounts: [] };
    const source = packed?.() ?? (index ? pack(index.root, '', () => false) : []);
    await extract(tree, '/', source as AsyncIterable<Buffer>, {
      keepKinds: false,
      readOnly: false,
      owner: ownRoot,
    });
    for (const one of removed) removeInside(root, one);
    return tree;
  };
  const tree = () => {
    unpacked ??= unpack();
    return unpacked;
  };

  const contentOf = async function* ({ offset, size, from }: ContextNode): AsyncGenerator<Buffer> {
    for (let at = 0; at < size; ) {
      const bytes = Buffer.allocUnsafe(Math.min(size - at, step));
      const { bytesRead } = await (from ?? file).read(bytes, 0, bytes.length, offset + at);
      if (bytesRead === 0) throw new Error('the archive of the build context has become shorter');
      yield bytes.subarray(0, bytesRead);
      at += bytesRead;
    }
  };

  const pack: BuildContext['pack'] = async function* (node, rename, leavesOut) {
    for (const [name, one] of entriesOf(node, rename, leavesOut)) {
      yield headerOf(name, one);
      if (one.kind !== 'file') continue;
      yield* contentOf(one);
      const padding = paddingOf(one.size);
      if (padding > 0) yield Buffer.alloc(padding);
    }
    yield Buffer.alloc(2 * blockSize);
  };

  return {
    index,
    tree,
    content: contentOf,

    async read(name, limit) {
      try {
        const node = index?.find(name) ?? null;
        if (index && !node) return null;
        if (node?.kind === 'file' && node.size <= limit) {
          const pieces: Buffer[] = [];
          for await (const piece of contentOf(node)) pieces.push(piece);
          return Buffer.concat(pieces);
        }
      } catch (error) {
        if (!(error instanceof LinkInTheWay)) throw error;
      }
      return readFileInside((await tree()).root, name, limit);
    },

    async remove(name) {
      removed.push(name);
      index?.remove(name);
      if (unpacked) removeInside((await unpacked).root, name);
    },

    pack,

    async close() {
      await file.close();
    },
  };
}

/** What is in a folder, or a file itself, with the names that they have in the archive. */
function* entriesOf(
  node: ContextNode,
  rename: string,
  leavesOut: (path: string) => boolean,
  inside = '',
): Generator<[name: string, node: ContextNode]> {
  if (node.kind !== 'folder') return yield [rename, node];
  for (const [name, child] of node.children) {
    const path = inside === '' ? name : `${inside}/${name}`;
    if (leavesOut(path)) continue;
    yield [path, child];
    if (child.kind === 'folder') yield* entriesOf(child, '', leavesOut, path);
  }
}

const types = { file: '0', folder: '5', link: '2' };

function headerOf(name: string, { kind, attributes, size, linkname }: ContextNode): Buffer {
  const bytes = (text: string) => Buffer.from(text).toString('latin1');
  const records: [string, string][] = [['path', bytes(name)]];
  if (kind === 'link') records.push(['linkpath', bytes(linkname)]);
  if (kind === 'file') records.push(['size', String(size)]);
  return encodeEntry(records, makeBlock(types[kind], attributes));
}
