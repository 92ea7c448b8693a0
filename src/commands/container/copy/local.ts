import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { CommandError } from '../../../exit.ts';
import { type CopyEnd, followed, linkTarget, splitEntry } from './paths.ts';

const words: Record<string, string> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  ELOOP: 'too many levels of symbolic links',
};
const mostLinks = 10;

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code);

/** A failure of the machine's file system in Go's words. */
export function pathError(operation: string, path: string, error: unknown): CommandError {
  const text = words[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
  return new CommandError(`${operation} ${path}: ${text}`, 1, { cause: error });
}

function lstat(path: string): Stats {
  try {
    return lstatSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') throw new CommandError('not a directory');
    throw pathError('lstat', path, error);
  }
}

/** A path without links. What is missing on the way is named in the error. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') throw new CommandError('not a directory');
    const names = path.split('/');
    const paths = names.map((_, at) => names.slice(0, at + 1).join('/') || '/');
    throw pathError(
      'lstat',
      paths.find((part) => !lstatSync(part, { throwIfNoEntry: false })) ?? path,
      error,
    );
  }
}

/** Finds out what is to be copied from this machine. */
export function describeSource(path: string, follow: boolean): CopyEnd {
  const found = follow ? followed(path, real(path)) : withRealParent(path);
  return { ...found, exists: true, isDirectory: lstat(found.path).isDirectory() };
}

/** The last name of a path may be a link and stays one, unless a slash says that it leads to a directory. */
function withRealParent(path: string): { path: string; rename: string } {
  const slash = path.lastIndexOf('/');
  const parent = real(path.slice(0, slash) || '/');
  const whole = `${parent === '/' ? '' : parent}/${path.slice(slash + 1)}`;
  return path.endsWith('/')
    ? { path: whole, rename: followed(path, whole).rename }
    : { path: whole, rename: '' };
}

/** Finds out where on this machine a copy goes: where links lead, to something that need not be there. */
export function describeDestination(asked: string): Omit<CopyEnd, 'rename'> {
  let path = asked;
  for (let links = 0; ; links++) {
    const stats = lstatOrNull(path);
    if (!stats) {
      checkParent(path);
      return { path, exists: false, isDirectory: false };
    }
    if (!stats.isSymbolicLink()) return { path, exists: true, isDirectory: stats.isDirectory() };
    if (links > mostLinks) throw new CommandError(`too many symlinks in ${asked}`);
    path = linkTarget(path, readlinkSync(path));
  }
}

function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw pathError('lstat', path, error);
  }
}

function checkParent(path: string): void {
  const { directory } = splitEntry(path);
  let isDirectory: boolean;
  try {
    isDirectory = statSync(directory).isDirectory();
  } catch (error) {
    throw pathError('stat', directory, error);
  }
  if (!isDirectory) throw new CommandError('not a directory');
}

/** Throws when something cannot be written at a path. */
export function checkOutput(path: string): void {
  const { directory } = splitEntry(path.replace(/\/\.?$/, '') || '/');
  if (directory !== '.' && !statSync(directory, { throwIfNoEntry: false })) {
    throw new CommandError(`invalid output path: directory ${JSON.stringify(directory)} does not exist`);
  }
  const found = statOf(path);
  if (found && (found.isCharacterDevice() || found.isBlockDevice())) {
    throw new CommandError(
      `invalid output path: ${JSON.stringify(path)} must be a directory or a regular file: got a device`,
    );
  }
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    throw pathError('stat', path, error);
  }
}
