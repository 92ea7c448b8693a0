import { posix } from 'node:path';
import { decodeJsonLines } from '@davit/api';
import { EngineError } from '../../errors.ts';
import { plainAttributes } from '../../storage/tar.ts';
import { type ContextNode, folderOf, mostEntries, namesIn, newFolder, plainFolder } from '../contextindex.ts';

/** What a client says of a file, folder or link of its context. */
export interface ListedEntry {
  path: string;
  kind: 'file' | 'folder' | 'link';
  mode: number;
  /** Seconds of Unix time. */
  mtime: number;
  /** Bytes of a file. */
  size: number;
  /** SHA-256 of a file's content in hexadecimal digits, or what a link leads to. */
  value: string;
}

const kinds: ReadonlyMap<unknown, ListedEntry['kind']> = new Map([
  ['f', 'file'],
  ['d', 'folder'],
  ['l', 'link'],
]);

/** Reads the list of a context, a line of JSON an entry. Throws `badParameter`. */
export async function readList(lines: AsyncIterable<Uint8Array>): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  try {
    for await (const line of decodeJsonLines<unknown>(lines)) {
      if (entries.length >= mostEntries) throw refused(`it has more than ${mostEntries} entries`);
      entries.push(readEntry(line));
    }
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw refused((error as Error).message);
  }
  return entries;
}

const refused = (reason: string) =>
  new EngineError('badParameter', `invalid list of a build context: ${reason}`);

function readEntry(line: unknown): ListedEntry {
  const shown = JSON.stringify(line).slice(0, 200);
  if (!Array.isArray(line)) throw refused(shown);
  const [path, letter, mode, mtime, size, value] = line as unknown[];
  const kind = kinds.get(letter);
  const areTexts = typeof path === 'string' && typeof value === 'string';
  const isNumber = (one: unknown, most: number): one is number =>
    typeof one === 'number' && Number.isSafeInteger(one) && one >= 0 && one <= most;
  if (!kind || !areTexts || !isNumber(mode, 0o7777) || !isNumber(mtime, 8 ** 11 - 1)) throw refused(shown);
  if (!isNumber(size, Number.MAX_SAFE_INTEGER) || `${path}${value}`.includes('\0')) throw refused(shown);
  if (kind === 'file' && !/^[0-9a-f]{64}$/.test(value)) throw refused(shown);
  if (path === '' || path.startsWith('/') || posix.normalize(path) !== path || /^\.\.?(?:\/|$)/.test(path))
    throw refused(`${shown} is outside of it, or not written plainly`);
  return { path, kind, mode, mtime, size, value };
}

/** Makes the tree that a list describes; `place` gives each file its content. Throws `badParameter`. */
export function treeOf(
  entries: readonly ListedEntry[],
  place: (entry: ListedEntry) => Pick<ContextNode, 'digest' | 'offset' | 'from' | 'size'>,
): ContextNode {
  const root = plainFolder();
  for (const entry of entries) {
    const { path, kind, mode, mtime, value } = entry;
    const names = namesIn(path);
    const last = names.pop() ?? '';
    const folder = folderOf(root, names);
    if (!folder || folder.children.has(last))
      throw refused(`${JSON.stringify(path)} is in the way of another`);
    const attributes = attributesFor(mode, mtime);
    if (kind === 'folder') folder.children.set(last, newFolder(attributes, mode));
    else if (kind === 'link')
      folder.children.set(last, {
        ...newFolder(attributes, mode),
        ...{ kind, size: Buffer.byteLength(value), linkname: value },
      });
    else folder.children.set(last, { ...newFolder(attributes, mode), kind, ...place(entry) });
  }
  return root;
}

function attributesFor(mode: number, mtime: number): string {
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  return octal(mode, 7) + plainAttributes.slice(8, 24) + octal(mtime, 11);
}
