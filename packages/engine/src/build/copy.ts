import { closeSync, fstatSync } from 'node:fs';
import { posix } from 'node:path';
import { createIgnoreRules } from '@davit/api';
import { EngineError } from '../errors.ts';
import { resolveUser } from '../runtime/user.ts';
import { makeName, readFileInside } from '../storage/confined.ts';
import { extract } from '../storage/extract.ts';
import { access, type FileTree, hold, openName } from '../storage/hold.ts';
import { pack } from '../storage/pack.ts';
import { setAttributes } from '../storage/place.ts';
import { openTar } from '../storage/tarfile.ts';
import type { Build } from './build.ts';
import { walk } from './digest.ts';
import type { Selected } from './select.ts';
import { isFolder } from './sources.ts';

/** How something is copied. */
export interface CopyMode {
  /** Whose it is to be, by name or number; empty: root's, or whose it was. */
  chown: string;
  /** Octal; empty: as it was. */
  mode: number | undefined;
  /** Whether files stay whose they are when `chown` is empty. */
  keepsOwner: boolean;
  /** Patterns of what is left out. */
  exclude: readonly string[];
  /** Whether archives are unpacked. */
  unpacks: boolean;
}

interface Owner {
  uid: number;
  gid: number;
}

const root: Owner = { uid: 0, gid: 0 };
const largestAccounts = 4 * 1024 * 1024;

/** Whose files `--chown` makes them, by the accounts of the root that they go to. Throws `badParameter`. */
export function ownerOf(tree: FileTree, chown: string): Owner {
  if (chown === '') return root;
  const read = (path: string) => readFileInside(tree.root, path, largestAccounts)?.toString() ?? '';
  const accounts = { passwd: read('/etc/passwd'), group: read('/etc/group') };
  const [user = '', group] = chown.split(':');
  try {
    const { uid, gid } = resolveUser(group === undefined ? user : `${user}:${group}`, [], accounts);
    // A user alone stands for the group with the same name or number.
    return { uid, gid: group !== undefined ? gid : (groupNamed(user, accounts.group) ?? uid) };
  } catch (error) {
    const message = `unable to convert uid/gid chown string to host mapping: ${(error as Error).message}`;
    throw new EngineError('badParameter', message, { cause: error });
  }
}

function groupNamed(name: string, text: string): number | null {
  const line = text.split('\n').find((one) => one.startsWith(`${name}:`));
  return line === undefined ? null : Number(line.split(':')[2]);
}

/** What a folder or file leaves out when patterns say so. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const rules = createIgnoreRules(patterns);
  return (path) => rules.ignores(path);
}

/** Copies what was selected to a destination in a tree, by the rules of COPY. */
export async function copyInto(
  build: Build,
  tree: FileTree,
  selected: readonly Selected[],
  destination: string,
  mode: CopyMode,
): Promise<void> {
  const owner = mode.chown === '' && mode.keepsOwner ? null : ownerOf(tree, mode.chown);
  const leavesOut = excluder(mode.exclude);
  for (const one of selected) {
    build.signal.throwIfAborted();
    if (!one.isDirectory && leavesOut(one.name)) continue;
    const target = one.parents === '' ? destination : `${posix.join(destination, one.parents)}/`;
    await copyOne({ build, tree, mode, owner }, one, target);
  }
}

interface Copying {
  build: Build;
  tree: FileTree;
  mode: CopyMode;
  owner: Owner | null;
}

async function copyOne(copying: Copying, one: Selected, destination: string): Promise<void> {
  const { build, tree, mode } = copying;
  if (one.node) {
    const { folder, rename } = placeOf(copying, one, destination);
    return put(copying, folder, build.context.pack(one.node, rename, excluder(mode.exclude)));
  }
  const source = hold(one.tree, one.path);
  try {
    if (one.isDirectory) {
      const { folder } = placeOf(copying, one, destination);
      const without: string[] = [];
      const leavesOut = excluder(mode.exclude);
      if (mode.exclude.length > 0)
        await walk(access(source.descriptor), leavesOut, (path) => void without.push(path));
      const archive = pack([{ directory: source.descriptor, entry: '.', rename: '', without }]);
      return await put(copying, folder, archive);
    }
    const opened = mode.unpacks ? await openTar(access(source.descriptor)) : null;
    if (opened) return await put({ ...copying, owner: null }, makeFolder(tree, destination, root), opened);
    const { folder, rename } = placeOf(copying, one, destination);
    const archive = pack([{ directory: source.parent, entry: source.name, rename, without: [] }]);
    await put(copying, folder, archive);
  } finally {
    source.close();
    build.signal.throwIfAborted();
  }
}

/** The folder that something goes to, and what it is called there. */
function placeOf(
  { tree, owner }: Copying,
  { isDirectory, name }: Selected,
  destination: string,
): { folder: string; rename: string } {
  if (isDirectory) return { folder: makeFolder(tree, destination, owner ?? root), rename: '' };
  const isInto = isFolder(destination) || isDirectoryAt(tree, destination);
  return {
    folder: makeFolder(tree, isInto ? destination : posix.dirname(destination), owner ?? root),
    rename: isInto ? name : posix.basename(destination),
  };
}

function put({ tree, mode, owner }: Copying, folder: string, archive: AsyncIterable<Buffer>): Promise<void> {
  const changed = owner || mode.mode === undefined ? owner : null;
  return extract(tree, folder, archive, {
    keepKinds: true,
    owner: changed && mode.mode !== undefined ? { ...changed, mode: mode.mode } : changed,
    readOnly: false,
  });
}

function isDirectoryAt(tree: FileTree, path: string): boolean {
  const held = hold(tree, path);
  held.close();
  return held.stats?.isDirectory() ?? false;
}

/** Makes a folder with those above it, unless it is there. */
function makeFolder(tree: FileTree, path: string, owner: Owner): string {
  const held = hold(tree, path, {
    make(parent, name) {
      makeName(parent, name, 'directory');
      own(parent, name, owner);
    },
  });
  try {
    if (!held.stats?.isDirectory())
      throw new EngineError('badParameter', `cannot copy to non-directory: ${held.path}`);
    return held.path;
  } finally {
    held.close();
  }
}

/** Gives a folder that was just made its owner. */
function own(parent: number, name: string, owner: Owner): void {
  const descriptor = openName(parent, name);
  if (descriptor === null) return;
  try {
    setAttributes(descriptor, { ...owner, mode: fstatSync(descriptor).mode & 0o7777, mtime: 0 });
  } finally {
    closeSync(descriptor);
  }
}
