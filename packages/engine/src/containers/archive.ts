import { closeSync, constants, fstatSync, openSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';
import type { PathStat } from '@davit/api';
import { formatTime } from '../clock.ts';
import { EngineError } from '../errors.ts';
import { resolveUser } from '../runtime/user.ts';
import type { ContainerRecord } from '../state/containers.ts';
import { readFileInside } from '../storage/confined.ts';
import { checkWritable, extract } from '../storage/extract.ts';
import { type FileTree, type Held, hold } from '../storage/hold.ts';
import { type PackSource, pack } from '../storage/pack.ts';
import type { Context } from './context.ts';
import { goFileMode } from './filemode.ts';
import { borrowTree } from './tree.ts';

export interface ArchiveAnswer {
  stat: PathStat;
  body: AsyncIterable<Uint8Array>;
}

export interface ExtractRequest {
  path: string;
  /** Refuse to replace a folder by a file, or a file by a folder. */
  keepKinds: boolean;
  /** Everything is to belong to the container's user. */
  toUser: boolean;
}

/** A path as the API takes it: always from the root, whether it says so or not. */
const absolute = (path: string) => (path.startsWith('/') ? path : `/${path}`);
/** Whether a path says that a directory is at its end. */
const meansDirectory = (path: string) => /\/\.?$/.test(absolute(path));

function checkPath(path: string): void {
  if (path === '') throw new EngineError('badParameter', "bad parameter: 'path' cannot be empty");
  if (path.includes('\0')) throw new EngineError('badParameter', 'bad parameter: a path holds a NUL byte');
}

function missing(path: string, name: string): EngineError {
  return new EngineError('notFound', `Could not find the file ${path} in container ${name}`);
}

/** Holds what a path means: the last link is itself, unless the path says that it wants what is behind it. */
function holdPath(tree: FileTree, path: string, name: string): Held {
  const held = hold(tree, absolute(path), { follow: meansDirectory(path) });
  try {
    if (!held.stats) throw missing(path, name);
    if (meansDirectory(path) && !held.stats.isDirectory())
      throw new EngineError('badParameter', `lstat ${path}: not a directory`);
    return held;
  } catch (error) {
    held.close();
    throw error;
  }
}

/** What a path is called at its end. */
function baseName(path: string): string {
  if (/\/\.$|^\.$/.test(path)) return '.';
  return posix.basename(posix.normalize(absolute(path))) || '/';
}

function statOf(tree: FileTree, held: Held, path: string): PathStat {
  const stats = fstatSync(held.descriptor, { bigint: true });
  return {
    name: baseName(path),
    size: Number(stats.size),
    mode: goFileMode(Number(stats.mode)),
    mtime: formatTime(stats.mtimeNs),
    linkTarget: stats.isSymbolicLink() ? linkTarget(tree, path) : '',
  };
}

/** Where a link leads in the container, whether something is there or not. */
function linkTarget(tree: FileTree, path: string): string {
  const found = hold(tree, absolute(path));
  found.close();
  return found.path;
}

/** Runs something on the files of a container. */
async function withTree<T>(
  context: Context,
  record: ContainerRecord,
  use: (tree: FileTree) => T | Promise<T>,
): Promise<T> {
  const { tree, release } = await borrowTree(context, record);
  try {
    return await use(tree);
  } finally {
    await release();
  }
}

/** Tells what is at a path in a container. */
export async function statPath(context: Context, name: string, path: string): Promise<PathStat> {
  const record = context.store.find(name);
  checkPath(path);
  return withTree(context, record, (tree) => {
    const held = holdPath(tree, path, name);
    try {
      return statOf(tree, held, path);
    } finally {
      held.close();
    }
  });
}

/** Packs what is at a path in a container. The answer must be read or ended, or the container's root stays in use. */
export async function readArchive(context: Context, name: string, path: string): Promise<ArchiveAnswer> {
  const record = context.store.find(name);
  checkPath(path);
  const { tree, release } = await borrowTree(context, record);
  const closers: Close[] = [];
  const close = async () => {
    for (const one of closers) one();
    await release();
  };
  try {
    const held = holdPath(tree, path, name);
    closers.push(held.close);
    const stat = statOf(tree, held, path);
    const sources = sourcesOf(tree, held, stat.name, closers);
    context.publish('archive-path', record);
    return { stat, body: closing(pack(sources, { lend: true }), close) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function* closing(body: AsyncIterable<Buffer>, close: () => Promise<void>): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } finally {
    await close();
  }
}

type Close = () => void;

/** The parts of an archive: what was asked for, and what is mounted below it. */
function sourcesOf(tree: FileTree, held: Held, name: string, closers: Close[]): PackSource[] {
  const inner = tree.mounts.filter(({ destination }) => isBelow(destination, held.path));
  const withoutBelow = (path: string) =>
    inner
      .filter(({ destination }) => isBelow(destination, path))
      .map(({ destination }) => posix.relative(path, destination));
  const sources = [sourceOf(held, name, withoutBelow(held.path), closers)];
  for (const { destination } of inner) {
    const mounted = hold(tree, destination, { follow: false });
    closers.push(mounted.close);
    const inside = posix.relative(held.path, destination);
    const rename = name === '.' ? `./${inside}` : posix.join(name, inside);
    if (mounted.stats) sources.push(sourceOf(mounted, rename, withoutBelow(destination), closers));
  }
  return sources;
}

const isBelow = (path: string, folder: string) =>
  path !== folder && path.startsWith(folder === '/' ? '/' : `${folder}/`);

function sourceOf(held: Held, rename: string, without: string[], closers: Close[]): PackSource {
  if (held.stats?.isDirectory()) return { directory: held.descriptor, entry: '.', rename, without };
  const { mount } = held;
  if (mount?.destination !== held.path)
    return { directory: held.parent, entry: held.name, rename, without: [] };
  // A file that is mounted is not in the folder that the container sees it in.
  const source = realpathSync(mount.source);
  const directory = openSync(posix.dirname(source), constants.O_RDONLY | constants.O_DIRECTORY);
  closers.push(() => closeSync(directory));
  return { directory, entry: posix.basename(source), rename, without: [] };
}

/** Unpacks an archive into a directory of a container. */
export async function writeArchive(
  context: Context,
  name: string,
  { path, keepKinds, toUser }: ExtractRequest,
  archive: AsyncIterable<Buffer>,
): Promise<void> {
  const record = context.store.find(name);
  checkPath(path);
  const readOnly = record.hostConfig.ReadonlyRootfs;
  await withTree(context, record, async (tree) => {
    const held = hold(tree, absolute(path));
    const { path: directory } = held;
    try {
      if (!held.stats) throw missing(path, name);
      if (!held.stats.isDirectory())
        throw new EngineError('badParameter', 'extraction point is not a directory');
      checkWritable(held, readOnly);
    } finally {
      held.close();
    }
    const owner = toUser ? userOf(tree.root, record) : null;
    await extract(tree, directory, archive, { keepKinds, owner, readOnly });
    context.publish('extract-to-dir', record);
  });
}

const largestAccounts = 4 * 1024 * 1024;

function userOf(root: string, { config }: ContainerRecord): { uid: number; gid: number } | null {
  if (config.User === '') return null;
  const read = (path: string) => readFileInside(root, path, largestAccounts)?.toString() ?? '';
  return resolveUser(config.User, [], { passwd: read('/etc/passwd'), group: read('/etc/group') });
}
