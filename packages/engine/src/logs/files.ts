import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';

/*
 * A log is the file that the monitor writes and, where it is limited, the files before that one: `ctr.log.1` is
 * the oldest, and the numbers only grow. A file that was packed ends in `.gz`. The newest number may still be a
 * second name of the file that the monitor writes: until it was asked for a new one and has made it.
 */

/** An open file of a log. */
export interface LogFile {
  handle: FileHandle;
  inode: bigint;
  /** Whether it is packed with gzip. */
  packed: boolean;
}

const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW;
const readOrMake = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_CREAT;

export const sealedPath = (path: string, number: number): string => `${path}.${number}`;
export const packedPath = (path: string, number: number): string => `${path}.${number}.gz`;
/** Where a file is packed before it has its name. */
export const packingPath = (path: string): string => `${path}.packing`;

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** The numbers of the files before the one that is written, ascending. */
export async function listNumbers(path: string): Promise<number[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const numbers = names.flatMap((name) => {
    if (!name.startsWith(prefix)) return [];
    const number = /^(\d{1,15})(?:\.gz)?$/.exec(name.slice(prefix.length))?.[1];
    return number === undefined ? [] : Number(number);
  });
  return [...new Set(numbers)].sort((first, second) => first - second);
}

/** What tells a file from all others of its folder; null when there is none. */
export async function inodeOf(path: string): Promise<bigint | null> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function openFile(path: string, packed: boolean, flags = readOnly): Promise<LogFile | null> {
  try {
    const handle = await open(path, flags, 0o600);
    return { handle, inode: (await handle.stat({ bigint: true })).ino, packed };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/**
 * Opens the file that the monitor writes, never through a link, and makes it when it is `wanted` before there is
 * one. Null when there is none, as for a container that never ran.
 */
export function openCurrent(path: string, wanted = false): Promise<LogFile | null> {
  return openFile(path, false, wanted ? readOrMake : readOnly);
}

/** Opens the file of a number; null when it is gone. */
export async function openSealed(path: string, number: number): Promise<LogFile | null> {
  return (
    (await openFile(sealedPath(path, number), false)) ?? (await openFile(packedPath(path, number), true))
  );
}

/** Removes what is older than the newest `keep` files before the one that is written. */
export async function prune(path: string, keep: number): Promise<void> {
  const numbers = await listNumbers(path);
  for (const number of numbers.slice(0, Math.max(numbers.length - keep, 0))) {
    await rm(sealedPath(path, number), { force: true });
    await rm(packedPath(path, number), { force: true });
  }
}

async function* blocksOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(64 * 1024), { position });
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * Turns a packed file into one that can be read anywhere: unpacked beside the log under a name that is gone before
 * anything is in it. What a crash of the machine cut off stays away.
 */
export async function unpack(path: string, file: LogFile): Promise<LogFile> {
  if (!file.packed) return file;
  const name = `${path}.${process.pid}-${file.inode}-${Math.random().toString(36).slice(2)}.unpacked`;
  const handle = await open(name, 'wx+', 0o600);
  await rm(name);
  try {
    await pipeline(blocksOf(file.handle), createGunzip(), async (plain: AsyncIterable<Buffer>) => {
      for await (const block of plain) await handle.appendFile(block);
    });
  } catch (error) {
    log.warn('a packed log is broken', { log: path, error: messageOf(error) });
  }
  await file.handle.close();
  return { ...file, handle, packed: false };
}
