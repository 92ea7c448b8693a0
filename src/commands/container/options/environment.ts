import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables of --env-file and --env, as a container's Env: files first. A name without a value stands for
 * that variable of ours; one that we do not have is left out of a file, and passed on by name from a flag, which
 * takes it away from what the image sets.
 */
export function collectEnvironment(files: string[], variables: string[], ours: Environment): string[] {
  const fromFiles = files.flatMap((path) =>
    readPairs(path).flatMap(({ name, value = ours[name] }) =>
      value === undefined ? [] : [`${name}=${value}`],
    ),
  );
  const fromFlags = variables.map((one) => {
    const value = one.includes('=') ? undefined : ours[one];
    return value === undefined ? one : `${one}=${value}`;
  });
  return [...fromFiles, ...fromFlags];
}

/** The labels of --label-file and --label; a key alone has an empty value, and does not count in a file. */
export function collectLabels(files: string[], labels: string[]): Record<string, string> {
  const fromFiles = files.flatMap(readPairs).filter(({ value }) => value !== undefined);
  const all = [...fromFiles, ...labels.map(splitPair)];
  return Object.fromEntries(all.map(({ name, value = '' }) => [name, value]));
}

interface Pair {
  name: string;
  value?: string;
}

function splitPair(text: string): Pair {
  const at = text.indexOf('=');
  return at < 0 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** Reads a file of `NAME=VALUE` lines; empty lines and those that begin with # are left out. */
function readPairs(path: string): Pair[] {
  const content = readContent(path);
  const lines = splitLines(content);
  return lines.flatMap((line, index) => {
    if (!isUtf8(line)) {
      throw invalid(path, `invalid utf8 bytes at line ${index + 1}: [${[...line].join(' ')}]`);
    }
    const text = line.toString().replace(index === 0 ? /^\uFEFF?\s*/ : /^\s*/, '');
    if (text === '' || text.startsWith('#')) return [];
    const pair = splitPair(text);
    if (/\s/.test(pair.name)) throw invalid(path, `variable '${pair.name}' contains whitespaces`);
    if (pair.name === '') throw invalid(path, `no variable name on line '${text}'`);
    return [pair];
  });
}

function invalid(path: string, why: string): Error {
  return new Error(`invalid env file (${path}): ${why}`);
}

function splitLines(content: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(10, at);
    const line = content.subarray(at, end < 0 ? content.length : end);
    lines.push(line.at(-1) === 13 ? line.subarray(0, -1) : line);
    at = end < 0 ? content.length : end + 1;
  }
  return lines;
}

function readContent(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const message = describeOpen(path, error);
    throw (error as NodeJS.ErrnoException).code === 'EISDIR' ? invalid(path, message) : new Error(message);
  }
}

/** Go's words for a file that cannot be opened. */
export function describeOpen(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EISDIR: 'is a directory',
    ENOTDIR: 'not a directory',
  };
  const verb = code === 'EISDIR' ? 'read' : 'open';
  return `${verb} ${path}: ${reasons[code ?? ''] ?? message}`;
}
