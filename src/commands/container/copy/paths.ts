import { posix } from 'node:path';
import { CommandError } from '../../../exit.ts';

/*
 * docker's rules of what is copied where. They tell apart `dir`, `dir/` and `dir/.`, so that paths are taken apart
 * here by the rules of Go's filepath, which keeps what Node throws away.
 */

/** A side of a copy: a path in a container, or on this machine when there is none. */
export interface CopySide {
  container: string;
  path: string;
}

/** What is copied, or where it goes. */
export interface CopyEnd {
  path: string;
  exists: boolean;
  isDirectory: boolean;
  /** The name that was asked for, when links have led to another one; empty otherwise. */
  rename: string;
}

/** What has to happen to an archive on its way: it is unpacked in `directory`, `from` becomes `to` in its names. */
export interface CopyPlan {
  directory: string;
  rename: { from: string; to: string } | null;
}

/** Takes `CONTAINER:PATH` apart. A path with a colon is written from the root or from `.` on. */
export function splitSide(argument: string): CopySide {
  const colon = argument.indexOf(':');
  const isLocal = argument.startsWith('/') || argument.startsWith('.') || colon < 0;
  if (isLocal) return { container: '', path: argument };
  return { container: argument.slice(0, colon), path: argument.slice(colon + 1) };
}

/** The shortest form of a path, without a slash at its end. */
export function clean(path: string): string {
  const short = posix.normalize(path);
  return short.length > 1 ? short.replace(/\/$/, '') : short;
}

/** The last name of a path; `/` for the root and `.` for nothing. */
export function baseOf(path: string): string {
  if (path === '') return '.';
  return /([^/]*)\/*$/.exec(path)?.[1] || '/';
}

const endsWithSlash = (path: string) => path.endsWith('/');
const meansItself = (path: string) => baseOf(path) === '.';

/** Whether a path says that it is a directory. */
export const meansDirectory = (path: string): boolean => endsWithSlash(path) || meansItself(path);

/** A cleaned path with the `/` or `/.` at its end that the original had. */
export function keepEnding(cleaned: string, original: string): string {
  let path = cleaned;
  if (!meansItself(path) && meansItself(original)) path = `${path.replace(/\/$/, '')}/.`;
  return !endsWithSlash(path) && endsWithSlash(original) ? `${path}/` : path;
}

/** A path from the root on, its ending kept. */
export function absolutePath(path: string, workingDirectory: string): string {
  const from = path.startsWith('/') ? path : posix.join(workingDirectory, path);
  return keepEnding(clean(from), path);
}

/** Splits a path into the directory and the entry in it that is meant: `/a/.` is the entry `.` of `/a`. */
export function splitEntry(path: string): { directory: string; base: string } {
  const cleaned = clean(path);
  const whole = meansItself(path) ? `${cleaned}/.` : cleaned;
  const slash = whole.lastIndexOf('/');
  return { directory: clean(whole.slice(0, slash + 1) || '.'), base: baseOf(whole) };
}

/** Where a path leads, with the ending that was asked for, and the name that was asked for if that is another. */
export function followed(path: string, target: string): { path: string; rename: string } {
  let whole = target;
  if (meansItself(path) && !meansItself(whole)) whole += '/.';
  if (endsWithSlash(path) && !endsWithSlash(whole)) whole += '/';
  return { path: whole, rename: baseOf(path) === baseOf(whole) ? '' : baseOf(path) };
}

/** The target of a link, from where the link is. */
export function linkTarget(link: string, target: string): string {
  return target.startsWith('/') ? target : posix.join(splitEntry(link).directory, target);
}

/**
 * Decides where an archive is unpacked and what becomes of its names. Throws CommandError where docker refuses:
 * a directory onto a file, or a file into a directory that is not there.
 */
export function planCopy(source: Omit<CopyEnd, 'exists'>, destination: Omit<CopyEnd, 'rename'>): CopyPlan {
  if (destination.exists && destination.isDirectory) return { directory: destination.path, rename: null };
  if (destination.exists && source.isDirectory) throw new CommandError('cannot copy directory');
  if (!destination.exists && !source.isDirectory && meansDirectory(destination.path)) {
    throw new CommandError('no such directory');
  }
  const { directory, base: to } = splitEntry(destination.path);
  return { directory, rename: { from: source.rename || splitEntry(source.path).base, to } };
}

/** A name in an archive after a plan's renaming; the root's names all begin with a slash. */
export function renamed(name: string, rename: CopyPlan['rename']): string {
  if (!rename) return name;
  const from = rename.from === '/' ? '' : rename.from;
  const at = name.indexOf(from);
  return at < 0 ? name : name.slice(0, at) + rename.to + name.slice(at + from.length);
}
