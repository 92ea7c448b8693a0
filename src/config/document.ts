import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { objectOf, type Values } from './object.ts';

/** config.json in docker's configuration directory. */
export const documentPath = (directory: string): string => join(directory, 'config.json');

/**
 * All of config.json, to be changed and written again: what is not understood must not get lost. A file that is not
 * there is empty. Throws when it cannot be read.
 */
export function readDocument(path: string): Values {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return objectOf(JSON.parse(text));
  } catch (error) {
    throw new Error(`cannot change ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Replaces config.json at once, so that nobody ever reads half of it; only its owner reads it at all. */
export function writeDocument(path: string, values: Values): void {
  replaceFile(linkTarget(path), JSON.stringify(values, null, '\t'), 0o600);
}

/** Writes a file, with its directory, that is there as a whole or as it was before. */
export function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(temporary, content, { mode, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function linkTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
