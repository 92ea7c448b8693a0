import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { EngineError } from '../errors.ts';

/** Opens a name without touching what is behind it; node has no constant for it. */
const O_PATH = 0x200000;
const handle = O_PATH | constants.O_NOFOLLOW;
const mostLinks = 40;

/** What a path inside a root leads to. */
export interface Confined {
  /** The path without any link in it, from the root on: `/usr/lib/x`. */
  path: string;
  /** What is there, if it exists. */
  stats: Stats | null;
  /** A path that leads there as long as the walk lasts. */
  access: string;
}

interface Step {
  name: string;
  descriptor: number;
}

const errorCode = (error: unknown) => (error as NodeJS.ErrnoException).code;
const below = (descriptor: number, name: string) => `/proc/self/fd/${descriptor}/${name}`;

/**
 * Finds a path inside the root of a container, whose files are not to be trusted: links are followed as the
 * container would, so that none leads out of it. Each folder on the way is held by its descriptor, and `..`
 * goes back to one that is held, so that it does not help to swap folders for links meanwhile. Names that are
 * missing at the end are made when `make` makes them.
 */
function walk<T>(
  root: string,
  path: string,
  make: ((parent: number, name: string, isLast: boolean) => void) | null,
  use: (found: Confined) => T,
): T {
  const steps: Step[] = [
    { name: '', descriptor: openSync(root, constants.O_RDONLY | constants.O_DIRECTORY) },
  ];
  const top = () => steps.at(-1) as Step;
  let links = 0;
  try {
    const pending = path.split('/').reverse();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (steps.length > 1) closeSync((steps.pop() as Step).descriptor);
        continue;
      }
      const isLast = pending.every((rest) => rest === '' || rest === '.');
      let descriptor = openName(top().descriptor, name);
      if (descriptor === null && make) {
        make(top().descriptor, name, isLast);
        descriptor = openName(top().descriptor, name);
      }
      if (descriptor === null) {
        const missing = [...steps.map((step) => step.name), name, ...pending.reverse()].join('/');
        return use({ path: missing, stats: null, access: '' });
      }
      const stats = fstatSync(descriptor);
      if (stats.isSymbolicLink()) {
        closeSync(descriptor);
        if (++links > mostLinks) throw new EngineError('badParameter', `too many links in the path ${path}`);
        const target = readlinkSync(below(top().descriptor, name));
        if (target.startsWith('/')) while (steps.length > 1) closeSync((steps.pop() as Step).descriptor);
        pending.push(...target.split('/').reverse());
        continue;
      }
      if (!isLast && !stats.isDirectory()) {
        closeSync(descriptor);
        throw new EngineError('badParameter', `${path} leads through ${name}, which is not a directory`);
      }
      steps.push({ name, descriptor });
    }
    const { descriptor } = top();
    return use({
      path: steps.map((step) => step.name).join('/') || '/',
      stats: fstatSync(descriptor),
      access: `/proc/self/fd/${descriptor}`,
    });
  } finally {
    for (const { descriptor } of steps) closeSync(descriptor);
  }
}

/** Opens one name in a folder, whatever it is, without following it. */
function openName(folder: number, name: string): number | null {
  try {
    return openSync(below(folder, name), handle);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Makes a folder, or at the end of a path a file, that is the container's root's. */
function makeName(parent: number, name: string, kind: 'directory' | 'file'): void {
  const path = below(parent, name);
  try {
    if (kind === 'directory') {
      mkdirSync(path, 0o755);
      const made = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      // Whatever the engine's umask is.
      fchmodSync(made, 0o755);
      closeSync(made);
    } else {
      closeSync(
        openSync(
          path,
          constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
          0o755,
        ),
      );
    }
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** Finds out where a path inside `root` leads, and what is there. */
export function resolveInside(root: string, path: string): { path: string; stats: Stats | null } {
  return walk(root, path, null, ({ path: found, stats }) => ({ path: found, stats }));
}

/** Makes a folder inside `root`, with all above it, unless it is there; returns its path without links. */
export function makeDirectoryInside(root: string, path: string): string {
  return makeInside(root, path, 'directory');
}

/** Makes an empty file inside `root`, with the folders above it, unless something is there; returns its path. */
export function makeFileInside(root: string, path: string): string {
  return makeInside(root, path, 'file');
}

function makeInside(root: string, path: string, kind: 'directory' | 'file'): string {
  return walk(
    root,
    path,
    (parent, name, isLast) => makeName(parent, name, isLast ? kind : 'directory'),
    (found) => {
      if (found.stats?.isDirectory() === (kind === 'directory')) return found.path;
      throw new EngineError(
        'badParameter',
        kind === 'directory' ? `Cannot mkdir: ${path} is not a directory` : `${path} is a directory`,
      );
    },
  );
}

/**
 * Reads a small file inside `root`; null when it is missing or no regular file. Throws when it is longer than
 * `limit` bytes: what is cut off could change the meaning of the rest.
 */
export function readFileInside(root: string, path: string, limit: number): Buffer | null {
  return walk(root, path, null, ({ stats, access }) => {
    if (!stats?.isFile()) return null;
    const descriptor = openSync(access, constants.O_RDONLY);
    try {
      const bytes = Buffer.allocUnsafe(Math.min(stats.size, limit) + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read) {
        read = readSync(descriptor, bytes, length, bytes.length - length, length);
      }
      if (length > limit) {
        throw new EngineError('badParameter', `${path} in the container is longer than ${limit} bytes`);
      }
      return bytes.subarray(0, length);
    } finally {
      closeSync(descriptor);
    }
  });
}
