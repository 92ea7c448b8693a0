import { constants } from 'node:fs';

/** Bits of a mode as Go's os.FileMode has them, by the type of file in Unix. */
const types: Record<number, number> = {
  [constants.S_IFDIR]: 2 ** 31,
  [constants.S_IFLNK]: 2 ** 27,
  [constants.S_IFBLK]: 2 ** 26,
  [constants.S_IFCHR]: 2 ** 26 + 2 ** 21,
  [constants.S_IFIFO]: 2 ** 25,
  [constants.S_IFSOCK]: 2 ** 24,
};

const special: [unix: number, go: number][] = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
];

/** A mode of Unix as Go writes it, which is what travels in the API. */
export function goFileMode(mode: number): number {
  const marks = special.filter(([unix]) => mode & unix).reduce((sum, [, go]) => sum + go, 0);
  return (types[mode & constants.S_IFMT] ?? 0) + marks + (mode & 0o777);
}
