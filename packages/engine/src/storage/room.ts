import { statfs } from 'node:fs/promises';

/** What may still be written to a disk. */
export interface Room {
  bytes: number;
  files: number;
}

/** A tenth of what is left stays free: for the engine's own records, and for everybody else. */
const share = 0.9;

/** How much room there is below a folder for something that is not to be trusted. */
export async function roomBelow(directory: string): Promise<Room> {
  const { bavail, bsize, ffree, files } = await statfs(directory);
  // Some file systems have no fixed number of files, and say 0.
  return {
    bytes: Math.trunc(bavail * bsize * share),
    files: files === 0 ? Number.POSITIVE_INFINITY : Math.trunc(ffree * share),
  };
}
