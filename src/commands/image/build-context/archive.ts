import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';

/** Files up to this size are read in one go: each step of a stream is a turn of the thread pool. */
const smallFile = 4 * 1024 * 1024;
/** Bytes that are handed on at once. */
const chunkSize = 256 * 1024;

export interface ArchiveOptions {
  /** Whether a path in the folder, with slashes, is left out with all that is in it. */
  leavesOut(path: string, isDirectory: boolean): boolean;
  /** A file that goes along without being in the folder. */
  extra: { name: string; content: Buffer } | null;
}

/**
 * Packs a folder into a tar, names in order; everything in it is root's. Sockets and devices stay where they are.
 * Throws when a file cannot be read, or changes its size meanwhile.
 */
export async function* archiveOf(root: string, options: ArchiveOptions): AsyncGenerator<Buffer> {
  const archive = pack();
  const packing = fill(archive, root, options);
  packing.then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of archive as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < chunkSize) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
  }
  await packing;
  yield Buffer.concat(pieces);
}

async function fill(archive: Pack, root: string, { leavesOut, extra }: ArchiveOptions): Promise<void> {
  const visit = async (folder: string): Promise<void> => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (leavesOut(name, entry.isDirectory())) continue;
      await add(archive, join(root, name), name);
      if (entry.isDirectory()) await visit(name);
    }
  };
  await visit('');
  if (extra) await put(archive, { name: extra.name, mode: 0o600, mtime: new Date(0) }, extra.content);
}

async function add(archive: Pack, path: string, name: string): Promise<void> {
  const stats = lstatSync(path);
  const header = { name, mode: stats.mode & 0o7777, mtime: stats.mtime };
  if (stats.isDirectory()) await put(archive, { ...header, type: 'directory' }, Buffer.alloc(0));
  else if (stats.isSymbolicLink())
    await put(archive, { ...header, type: 'symlink', linkname: readlinkSync(path) }, Buffer.alloc(0));
  else if (stats.isFile() && stats.size <= smallFile) await put(archive, header, readFileSync(path));
  else if (stats.isFile()) await putLarge(archive, header, path, stats);
}

type Header = Parameters<Pack['entry']>[0];

/** Resolves when the archive can take more. */
function put(archive: Pack, header: Header, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });
}

async function putLarge(archive: Pack, header: Header, path: string, { size }: Stats): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    const sink = archive.entry({ ...header, size }, (error) => (error ? reject(error) : resolve()));
    pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), sink).catch(reject);
  });
  await done;
}
