import { posix } from 'node:path';

/** Writes a path in its shortest form: `/a//b/../c/` is `/a/c`. */
export function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/, '$1');
}
