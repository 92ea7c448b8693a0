import { closeSync, fstatSync } from 'node:fs';
import { posix } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { EngineError } from '../errors.ts';
import { type BulkWriter, createBulkWriter } from './bulkwrite.ts';
import { decompress } from './compression.ts';
import { makeName } from './confined.ts';
import { type FileTree, type Held, hold, mountedAt, openName } from './hold.ts';
import {
  createFile,
  extendedAttributes,
  placeDevice,
  placeFolder,
  placeHardLink,
  placeLink,
  removeName,
  setAttributes,
  setExtendedAttributes,
  setFolderTime,
  setTime,
} from './place.ts';
import { type FileAttributes, fileAttributes, tarError } from './tar.ts';
import { createTarScanner, type TarEntry } from './tarscan.ts';

export interface ExtractOptions {
  /** Refuse to replace a folder by a file, or a file by a folder. */
  keepKinds: boolean;
  /** Whose everything is to be, and with what mode; null: as the archive says. */
  owner: { uid: number; gid: number; mode?: number } | null;
  /** No file may be written outside of mounts. */
  readOnly: boolean;
  /** Looks at every entry before it is made, and throws when it must not be. */
  check?(entry: TarEntry): void;
}

/** The file whose content is arriving. */
interface OpenFile {
  descriptor: number;
  writer: BulkWriter;
  entry: TarEntry;
  attributes: FileAttributes;
  path: string;
}

const kernelFolders = ['/proc', '/sys', '/dev'];
const isAt = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

const refusals = {
  root: 'container rootfs is marked read-only',
  mount: 'mounted volume is marked read-only',
};

/** Throws when nothing may be written where `held` is. */
export function checkWritable({ mount }: Pick<Held, 'mount'>, readOnlyRoot: boolean): void {
  if (mount?.readOnly) throw new EngineError('forbidden', refusals.mount);
  if (!mount && readOnlyRoot) throw new EngineError('forbidden', refusals.root);
}

/**
 * Unpacks an archive, compressed or not, into a directory of a tree that is not to be trusted and may change
 * meanwhile. Every name is made in a folder that is held, never through a path; links in the way are followed as
 * the container would follow them, inside of its root.
 */
export async function extract(
  tree: FileTree,
  directory: string,
  source: AsyncIterable<Buffer>,
  options: ExtractOptions,
): Promise<void> {
  let parent: { path: string; held: Held } | null = null;
  let file: OpenFile | null = null;
  const folders: { path: string; attributes: FileAttributes }[] = [];
  let jobs: (TarEntry | Buffer)[] = [];
  let current = directory;

  /** Holds the folder that a name goes to, and makes it if need be. Names mostly come folder by folder. */
  const enter = (path: string): Held => {
    if (parent?.path === path) return parent.held;
    parent?.held.close();
    parent = null;
    const held = hold(tree, path, {
      make: (folder, name, _isLast, mount) => {
        checkWritable({ mount }, options.readOnly);
        makeName(folder, name, 'directory');
      },
    });
    parent = { path, held };
    if (!held.stats?.isDirectory()) throw new EngineError('badParameter', `${path} is not a directory`);
    return held;
  };

  const finish = async (): Promise<void> => {
    if (!file) return;
    const { descriptor, writer, entry, attributes } = file;
    await writer.end();
    file = null;
    try {
      setAttributes(descriptor, attributes);
      setExtendedAttributes(descriptor, extendedAttributes(entry.records));
      setTime(descriptor, attributes);
    } finally {
      closeSync(descriptor);
    }
  };

  const begin = async (entry: TarEntry): Promise<void> => {
    await finish();
    const relative = relativePath(readable(entry.name), directory);
    current = posix.join(directory, relative);
    // The directory itself is there, and stays as it is.
    if (relative === '') return;
    options.check?.(entry);
    const type = entry.type === '0' && entry.name.endsWith('/') ? '5' : entry.type;
    const attributes = { ...fileAttributes(entry.block, entry.records), ...options.owner };
    const folder = enter(posix.dirname(current));
    checkWritable(folder, options.readOnly);
    const name = posix.basename(current);
    makeRoom(tree, folder, name, type === '5', options.keepKinds && { path: current, directory });
    switch (type) {
      case '5': {
        const mounted = mountedAt(tree, posix.join(folder.path, name));
        if (mounted) break;
        placeFolder(folder.descriptor, name, attributes);
        folders.push({ path: current, attributes });
        break;
      }
      case '0':
        if (entry.records.some(([key]) => key.startsWith('GNU.sparse.')))
          throw tarError('sparse files are not supported here');
        file = openFile(createFile(folder.descriptor, name), entry, attributes, current);
        break;
      case '1':
        hardLink(
          tree,
          posix.join(directory, relativePath(readable(entry.linkname), directory)),
          folder,
          name,
        );
        break;
      case '2':
        placeLink(folder.descriptor, name, readable(entry.linkname), attributes);
        break;
      case '3':
      case '4':
      case '6': {
        const kind = ({ 3: 'c', 4: 'b', 6: 'p' } as const)[type];
        const { major, minor } = entry;
        placeDevice(folder.descriptor, name, { type: kind, major, minor }, attributes);
        break;
      }
      case 'V':
        break;
      default:
        throw tarError(`unhandled tar header type ${entry.type.charCodeAt(0)}`);
    }
  };

  const work = async (): Promise<void> => {
    const todo = jobs;
    jobs = [];
    for (const job of todo) {
      if (!Buffer.isBuffer(job)) await begin(job);
      else await file?.writer.write(job);
    }
  };

  const scanner = createTarScanner({
    entry(entry) {
      jobs.push(entry);
      return true;
    },
    content: (piece) => void jobs.push(piece),
    padding: () => undefined,
    beside: () => undefined,
  });
  try {
    for await (const chunk of decompress(source)) {
      scanner.push(chunk);
      await work();
    }
    scanner.end();
    await work();
    await finish();
    // What was put into a folder has changed its time.
    for (const { path, attributes } of folders.reverse()) {
      const folder = enter(posix.dirname(path));
      setFolderTime(folder.descriptor, posix.basename(path), attributes);
    }
  } catch (error) {
    throw explain(error, current);
  } finally {
    await leave(file);
    (parent as { held: Held } | null)?.held.close();
  }
}

/** Takes away what is in the way of a name; a folder that stays one is not. */
function makeRoom(
  tree: FileTree,
  folder: Held,
  name: string,
  isFolder: boolean,
  keepKinds: false | { path: string; directory: string },
): void {
  const descriptor = openName(folder.descriptor, name);
  if (descriptor === null) return;
  let wasFolder: boolean;
  try {
    wasFolder = fstatSync(descriptor).isDirectory();
  } finally {
    closeSync(descriptor);
  }
  if (wasFolder && isFolder) return;
  if (keepKinds && wasFolder !== isFolder) {
    const [first, second] = wasFolder ? ['directory', 'non-directory'] : ['non-directory', 'directory'];
    const { path, directory } = keepKinds;
    throw new EngineError(
      'badParameter',
      `cannot overwrite ${first} ${JSON.stringify(path)} with ${second} ${JSON.stringify(directory)}`,
    );
  }
  const path = posix.join(folder.path, name);
  const places = [...kernelFolders, ...tree.mounts.map(({ destination }) => destination)];
  if (places.some((place) => isAt(place, path)))
    throw new EngineError('conflict', `unlinkat ${path}: device or resource busy`);
  removeName(folder.descriptor, name);
}

function hardLink(tree: FileTree, target: string, folder: Held, name: string): void {
  const found = hold(tree, target, { follow: false });
  try {
    const path = posix.join(folder.path, name);
    if (!found.stats)
      throw new EngineError('badParameter', `link ${target} ${path}: no such file or directory`);
    // A mount may be read-only although its neighbour on the same disk is not.
    if (found.mount !== folder.mount || mountedAt(tree, found.path))
      throw new EngineError('badParameter', `link ${target} ${path}: invalid cross-device link`);
    placeHardLink(found.parent, found.name, folder.descriptor, name);
  } finally {
    found.close();
  }
}

function openFile(descriptor: number, entry: TarEntry, attributes: FileAttributes, path: string): OpenFile {
  return { descriptor, writer: createBulkWriter(descriptor), entry, attributes, path };
}

/** Closes a file that did not come to its end. */
async function leave(file: OpenFile | null): Promise<void> {
  if (!file) return;
  await file.writer.abandon();
  closeSync(file.descriptor);
}

/** Names travel as bytes; those that are no text cannot be made by Node. */
function readable(name: string): string {
  const bytes = Buffer.from(name, 'latin1');
  const text = bytes.toString();
  if (name.includes('\0') || !Buffer.from(text).equals(bytes)) throw tarError('a name is not valid UTF-8');
  return text;
}

/** The path of an entry below the directory it is unpacked into; empty for that directory. */
function relativePath(name: string, directory: string): string {
  const path = posix.normalize(`./${name}`).replace(/\/$/, '');
  if (path === '..' || path.startsWith('../')) {
    throw new EngineError(
      'badParameter',
      `${JSON.stringify(name)} is outside of ${JSON.stringify(directory)}`,
    );
  }
  return path === '.' ? '' : path;
}

/** The kernel's errors name descriptors: people are told of the file in the container. */
function explain(error: unknown, path: string): unknown {
  const { errno, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof EngineError || errno === undefined || syscall === undefined) return error;
  const words = getSystemErrorMap().get(errno)?.[1] ?? `error ${errno}`;
  return new EngineError('internal', `${syscall} ${path}: ${words}`, { cause: error });
}
