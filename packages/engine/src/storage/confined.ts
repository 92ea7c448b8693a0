import { closeSync, constants, fchmodSync, mkdirSync, openSync, readSync, type Stats } from 'node:fs';
import { EngineError } from '../errors.ts';
import { access, below, errorCode, type Held, hold, type MakeName } from './hold.ts';
import { removeName } from './place.ts';

/** Finds a path inside `root`, whose files are not to be trusted, and lets go of it again after `use`. */
function within<T>(root: string, path: string, make: MakeName | undefined, use: (found: Held) => T): T {
  const found = hold({ root, mounts: [] }, path, { make });
  try {
    return use(found);
  } finally {
    found.close();
  }
}

/** Makes a folder, or at the end of a path a file, that is the container's root's. */
export function makeName(parent: number, name: string, kind: 'directory' | 'file'): void {
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
  return within(root, path, undefined, ({ path: found, stats }) => ({ path: found, stats }));
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
  return within(
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

/** Removes a name inside `root`, with all that is below it; a link at its end is not followed. */
export function removeInside(root: string, path: string): void {
  const found = hold({ root, mounts: [] }, path, { follow: false });
  try {
    if (found.stats) removeName(found.parent, found.name);
  } finally {
    found.close();
  }
}

/**
 * Reads a small file inside `root`; null when it is missing or no regular file. Throws when it is longer than
 * `limit` bytes: what is cut off could change the meaning of the rest.
 */
export function readFileInside(root: string, path: string, limit: number): Buffer | null {
  return within(root, path, undefined, ({ stats, descriptor: held }) => {
    if (!stats?.isFile()) return null;
    const descriptor = openSync(access(held), constants.O_RDONLY);
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
