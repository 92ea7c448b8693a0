import { createHash, hash as digestOf } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type BuildContextLine, buildRoutes } from '@davit/api';
import type { Client } from '../../../http/client.ts';
import { askDavit } from '../../davit-only.ts';
import { type ArchiveOptions, archiveOf } from './archive.ts';

/** A folder that is to be a build context. */
export interface ContextFolder extends ArchiveOptions {
  root: string;
}

/** A context of which an engine has some files already. */
export interface KnownContext {
  /** How the request to build names it. */
  id: string;
  /** The files that it lacks. */
  archive: Readable;
  /** The engine forgets that it knows the context. */
  close(): void;
}

/** Less than this is sent more quickly than it is asked for; more than that is refused, or not kept. */
const leastAsked = 1024 * 1024;
const mostAsked = 4 * 1024 * 1024 * 1024;
/** Files up to this size are read in one go. */
const smallFile = 4 * 1024 * 1024;

interface Found {
  path: string;
  stats: Stats;
}

/**
 * Tells an engine what is in a context, and packs what it says that it lacks. Null when all of it is to be sent: for
 * there is little, or very much, or the engine is not davit's own. Throws when a file cannot be read.
 */
export async function askForKnown(
  client: Client,
  folder: ContextFolder,
  interruption: AbortSignal | undefined,
): Promise<KnownContext | null> {
  const found = [...filesIn(folder)];
  const size = found.reduce((sum, { stats }) => sum + (stats.isFile() ? stats.size : 0), 0);
  if (size < leastAsked || size > mostAsked) return null;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(interruption ? [interruption] : [])]);
  const input = Readable.from(linesOf(folder, found, signal), { objectMode: false });
  const otherwise = 'no other engine asks for parts of a context';
  let id: string;
  let missing: number[];
  try {
    const ask = () => client.call(buildRoutes.buildContext, { input, signal });
    const first = await (await askDavit(ask, { otherwise }))[Symbol.asyncIterator]().next();
    if (first.done) return null;
    id = first.value.ID;
    missing = first.value.Missing;
  } catch {
    // Sending all of it tells what is wrong, if anything is.
    input.destroy();
    stop.abort();
    return null;
  }
  const { root, extra } = folder;
  const wanted = new Set(missing.flatMap((index) => found[index]?.path ?? []));
  const folders = new Set([...wanted].flatMap(foldersAbove));
  const leavesOut = (path: string, isDirectory: boolean) => !(isDirectory ? folders : wanted).has(path);
  const isExtraWanted = missing.includes(found.length);
  const archive = archiveOf(root, { leavesOut, extra: isExtraWanted ? extra : null });
  return { id, archive: Readable.from(archive, { objectMode: false }), close: () => stop.abort() };
}

/** The folders that a path is in. */
function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join('/'));
}

/** What of a folder goes along, in the order of the archive. */
function* filesIn({ root, leavesOut }: ContextFolder, folder = ''): Generator<Found> {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (leavesOut(path, entry.isDirectory())) continue;
    const stats = lstatSync(join(root, path));
    if (stats.isFile() || stats.isDirectory() || stats.isSymbolicLink()) yield { path, stats };
    if (stats.isDirectory()) yield* filesIn({ root, leavesOut, extra: null }, path);
  }
}

async function* linesOf(
  { root, extra }: ContextFolder,
  found: readonly Found[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  let text = '';
  const line = (one: BuildContextLine) => {
    text += `${JSON.stringify(one)}\n`;
  };
  for (const { path, stats } of found) {
    signal.throwIfAborted();
    const file = join(root, path);
    const mode = stats.mode & 0o7777;
    const mtime = Math.max(Math.floor(stats.mtimeMs / 1000), 0);
    if (stats.isDirectory()) line([path, 'd', mode, mtime, 0, '']);
    else if (stats.isSymbolicLink()) line([path, 'l', 0o777, mtime, 0, readlinkSync(file)]);
    else line([path, 'f', mode, mtime, stats.size, await digestOfFile(file, stats.size)]);
    if (text.length < 64 * 1024) continue;
    yield text;
    text = '';
    // A signal comes between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (extra) line([extra.name, 'f', 0o600, 0, extra.content.length, digestOf('sha256', extra.content)]);
  yield text;
}

async function digestOfFile(path: string, size: number): Promise<string> {
  if (size <= smallFile) return digestOf('sha256', readFileSync(path));
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(piece as Buffer);
  return hash.digest('hex');
}
