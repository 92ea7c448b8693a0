import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError } from '../exit.ts';

/** Writes what comes into a file, which is there as a whole or not at all. Devices are written to as they are. */
export async function writeArchive(path: string, open: () => Promise<Readable>): Promise<void> {
  const present = await stat(path).catch(() => null);
  if (present?.isDirectory())
    throw new CommandError(`failed to save image: invalid output path: "${path}" is a directory`);
  const folder = dirname(path);
  if (!(await stat(folder).catch(() => null))?.isDirectory())
    throw new CommandError(
      `failed to save image: invalid output path: stat ${folder}: no such file or directory`,
    );
  const source = await open();
  if (present && !present.isFile()) return pipeline(source, createWriteStream(path));
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    await pipeline(
      source,
      createWriteStream(temporary, { flags: 'wx', mode: 0o600, highWaterMark: 1024 * 1024 }),
    );
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
