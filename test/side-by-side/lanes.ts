import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Command lines that are typed one after the other. Lanes run at the same time and name nothing of each other. */
export interface Lane {
  /** Name of its file. */
  readonly name: string;
  readonly lines: readonly string[];
}

const folder = new URL('lines/', import.meta.url);

/** The lines of a lane's text, without empty ones and comments (#). Those that begin with + are left out for speed. */
function linesOf(text: string, all: boolean): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .filter((line) => all || !line.startsWith('+ '))
    .map((line) => line.replace(/^\+ /, ''));
}

/** The lanes, by name; with `all` every line of them, else those that the test suite has time for. */
export function readLanes(all: boolean): Lane[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort();
  return files.map((file) => ({
    name: basename(file, '.txt'),
    lines: linesOf(readFileSync(new URL(file, folder), 'utf8'), all),
  }));
}
