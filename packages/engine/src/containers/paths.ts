import { posix } from 'node:path';

/** Writes a path in its shortest form: `/a//b/../c/` is `/a/c`. */
export function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/, '$1');
}

/** Whether one of two folders is in the other, or they are the same. */
export function isBeside(one: string, other: string): boolean {
  const below = (path: string, folder: string) => `${path}/`.startsWith(folder === '/' ? '/' : `${folder}/`);
  return below(one, other) || below(other, one);
}
