import { chmodSync, lstatSync, lutimesSync, type Stats, unlinkSync } from 'node:fs';
import { posix } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-fs';
import type { Header, Pack } from 'tar-stream';
import { CommandError } from '../../../exit.ts';
import { bulkFiles } from '../../../files.ts';
import { type CopyEnd, type CopyPlan, clean, renamed, splitEntry } from './paths.ts';

/**
 * Packs a file or directory of this machine. Files with several names are packed once; what an archive cannot
 * hold is told to `skipped`.
 */
export function packLocal(
  source: CopyEnd,
  rename: CopyPlan['rename'],
  skipped: (path: string) => void,
): Readable {
  const { directory, base } = splitEntry(source.path);
  const top = rename?.to ?? (source.rename || base);
  const root = source.isDirectory ? posix.join(directory, base) : directory;
  const nameOf = (path: string) => {
    if (!source.isDirectory) return top;
    return path === '.' ? top : `${top.replace(/\/$/, '')}/${path}`;
  };
  const firsts = new Map<string, string>();
  const links: Header[] = [];
  /** Puts a further name of a file in, and says whether it was one. */
  const isKnown = (path: string, stats: Stats): boolean => {
    if (stats.nlink < 2 || !stats.isFile()) return false;
    const key = `${stats.dev}:${stats.ino}`;
    const name = nameOf(posix.relative(root, path));
    const first = firsts.get(key);
    if (first === undefined) {
      firsts.set(key, name);
      return false;
    }
    const { mode, uid, gid, mtime } = stats;
    links.push({
      name,
      type: 'link',
      linkname: first,
      mode: mode & 0o7777,
      uid,
      gid,
      mtime,
      size: 0,
    } as Header);
    return true;
  };
  return pack(root, {
    fs: bulkFiles,
    entries: [source.isDirectory ? '.' : base],
    sort: true,
    umask: 0,
    strict: false,
    finalize: false,
    ignore(path: string) {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (!stats || isKnown(path, stats)) return true;
      const isPlain = stats.isFile() || stats.isDirectory() || stats.isSymbolicLink();
      if (!isPlain && !stats.isSocket()) skipped(path);
      return !isPlain;
    },
    map(header: Header) {
      header.name = nameOf(header.name);
      return header;
    },
    finish(made: Pack) {
      for (const link of links) made.entry(link);
      made.finalize();
    },
  } as never) as unknown as Readable;
}

const special = 0o7000;

/**
 * Unpacks an archive of a container on this machine, where nothing of it may leave the directory it is meant for.
 * Files belong to whoever copies. Throws CommandError with docker's words.
 */
export async function unpackLocal(
  archive: Readable,
  { directory: asked, rename }: CopyPlan,
  skipped: (path: string) => void,
): Promise<void> {
  const directory = clean(asked);
  let refusal: CommandError | null = null;
  const marked = new Map<string, number>();
  const folders = new Map<string, Date>();
  const isLeftOut = (path: string, header: Header): boolean => {
    if (refusal) return true;
    refusal = refuse(path, header, directory);
    if (refusal) return true;
    const type = header.type ?? 'file';
    if (type === 'directory' && header.mtime && path !== directory) folders.set(path, header.mtime);
    if (!['file', 'directory', 'symlink', 'link'].includes(type)) {
      skipped(path);
      return true;
    }
    const found = lstatSync(path, { throwIfNoEntry: false });
    // A file is made anew: others may know the old one by another name, or have it open.
    if (found && !found.isDirectory()) unlinkSync(path);
    if ((type === 'file' || type === 'directory') && (header.mode ?? 0) & special)
      marked.set(path, header.mode ?? 0);
    return false;
  };
  const target = extract(directory, {
    fs: bulkFiles,
    chown: false,
    umask: 0,
    validateSymlinks: false,
    map(header: Header) {
      header.name = renamed(header.name, rename);
      if (header.type === 'link' && header.linkname) header.linkname = renamed(header.linkname, rename);
      return header;
    },
    ignore: isLeftOut,
  } as never) as unknown as Writable;
  await pipeline(archive, target);
  if (refusal) throw refusal;
  // What came into a folder after it has changed its time.
  for (const [path, time] of [...folders].reverse()) lutimesSync(path, time, time);
  for (const [path, mode] of marked) if (!lstatSync(path).isSymbolicLink()) chmodSync(path, mode & 0o7777);
}

/** What docker refuses to unpack. */
function refuse(path: string, header: Header, directory: string): CommandError | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const isDirectory = header.type === 'directory';
  if (found && found.isDirectory() !== isDirectory) {
    const [first, second] = isDirectory ? ['non-directory', 'directory'] : ['directory', 'non-directory'];
    return new CommandError(
      `cannot overwrite ${first} ${JSON.stringify(path)} with ${second} ${JSON.stringify(directory)}`,
    );
  }
  const { linkname } = header;
  if (header.type === 'symlink' && linkname) {
    const target = posix.join(posix.dirname(path), linkname);
    if (target !== directory && !target.startsWith(`${directory.replace(/\/$/, '')}/`)) {
      return new CommandError(`invalid symlink ${JSON.stringify(path)} -> ${JSON.stringify(linkname)}`);
    }
  }
  return null;
}
