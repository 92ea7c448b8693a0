import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CommandError } from '../exit.ts';

const words: Record<string, string> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOTDIR: 'not a directory',
  ELOOP: 'too many levels of symbolic links',
  EEXIST: 'file exists',
  EISDIR: 'is a directory',
};

/** Why the system refused a file, in the words of Go. */
export function systemReason(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return words[code] ?? message;
}

/** Opens an archive for reading. Throws CommandError with the words of Go's os.Open. */
export async function openArchive(path: string): Promise<Readable> {
  try {
    const handle = await open(path);
    if ((await handle.stat()).isDirectory()) {
      await handle.close();
      throw new CommandError(`read ${path}: is a directory`);
    }
    return createReadStream(path, { fd: handle, highWaterMark: 1024 * 1024 });
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`open ${path}: ${systemReason(error)}`, 1, { cause: error });
  }
}
