import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { attributesOf, plainAttributes } from '../storage/tar.ts';
import type { TarEntry } from '../storage/tarscan.ts';

/** Something in a build context, as its archive has it. */
export interface ContextNode {
  kind: 'file' | 'folder' | 'link';
  /** Mode, owner and time, as a header block has them. */
  attributes: string;
  mode: number;
  size: number;
  linkname: string;
  /** SHA-256 of a file's content, and where that begins in the archive. */
  digest: Buffer;
  offset: number;
  /** Another archive that has the content, from an earlier context; null for that of this one. */
  from: FileHandle | null;
  children: Map<string, ContextNode>;
}

/** What is in a build context, without the contents. */
export interface ContextIndex {
  readonly root: ContextNode;
  /** What a path without links leads to; null when there is nothing. Throws LinkInTheWay. */
  find(path: string): ContextNode | null;
  remove(path: string): void;
}

/** Thrown where a link would have to be followed, which is left to the kernel. */
export class LinkInTheWay extends Error {
  override name = 'LinkInTheWay';
}

/** Takes the entries of an archive, in order, with their contents. */
export interface Indexer {
  /** `offset` is where the entry's content begins. */
  entry(entry: TarEntry, offset: number): void;
  content(piece: Buffer): void;
  /** What there is; null when the archive holds something that only unpacking it shows the meaning of. */
  end(): ContextIndex | null;
}

/** More entries than this would take too much memory. */
export const mostEntries = 300_000;
const none = Buffer.alloc(0);
const folderMode = 0o755;

export const newFolder = (attributes: string, mode: number): ContextNode => ({
  ...{ kind: 'folder', attributes, mode, size: 0, linkname: '', digest: none, offset: 0, from: null },
  children: new Map(),
});

/** A folder that the archive takes for granted: it is root's, and new. */
export function plainFolder(): ContextNode {
  const seconds = Math.trunc(Date.now() / 1000)
    .toString(8)
    .padStart(11, '0');
  return newFolder(`${plainAttributes.slice(0, 24)}${seconds}\0`, folderMode);
}
/** The names in a path, which does not lead up. */
export const namesIn = (path: string) => posix.normalize(`/${path}`).split('/').filter(Boolean);

/** The folder that names lead to, made when it is missing; null when something else is in the way. */
export function folderOf(root: ContextNode, names: readonly string[]): ContextNode | null {
  let folder = root;
  for (const name of names) {
    const next = folder.children.get(name) ?? plainFolder();
    if (next.kind !== 'folder') return null;
    folder.children.set(name, next);
    folder = next;
  }
  return folder;
}

export function createIndexer(): Indexer {
  const root = plainFolder();
  let isPlain = true;
  let count = 0;
  let current: { node: ContextNode; hash: Hash } | null = null;

  const finish = () => {
    if (current) current.node.digest = current.hash.digest();
    current = null;
  };

  const add = (entry: TarEntry, offset: number): boolean => {
    const name = readable(entry.name);
    const linkname = readable(entry.linkname);
    const relative = name === null ? '..' : posix.normalize(`./${name}`);
    if (name === null || linkname === null || relative === '..' || relative.startsWith('../')) return false;
    if (entry.records.some(([key]) => key !== 'mtime' && key !== 'size')) return false;
    const names = namesIn(relative);
    const last = names.pop();
    if (last === undefined) return true;
    const folder = folderOf(root, names);
    if (!folder) return false;
    const type = entry.type === '0' && entry.name.endsWith('/') ? '5' : entry.type;
    const kind = ({ 0: 'file', 5: 'folder', 2: 'link' } as const)[type as '0' | '5' | '2'];
    const before = folder.children.get(last);
    if (!kind || (before && before.kind !== kind)) return false;
    const attributes = attributesOf(entry.block);
    const mode = Number.parseInt(attributes.slice(0, 8).replace(/[\0 ]/g, '') || '0', 8) & 0o7777;
    if (kind === 'folder') {
      folder.children.set(
        last,
        before ? Object.assign(before, { attributes, mode }) : newFolder(attributes, mode),
      );
      return true;
    }
    const node: ContextNode = {
      ...{ kind, attributes, mode, size: kind === 'file' ? entry.size : Buffer.byteLength(linkname) },
      ...{ linkname, digest: none, offset, from: null, children: new Map() },
    };
    folder.children.set(last, node);
    if (kind === 'file') current = { node, hash: createHash('sha256') };
    return true;
  };

  return {
    entry(entry, offset) {
      finish();
      count += 1;
      if (isPlain) isPlain = count <= mostEntries && add(entry, offset);
      if (!isPlain) root.children.clear();
    },
    content: (piece) => void current?.hash.update(piece),
    end() {
      finish();
      return isPlain ? indexOf(root) : null;
    },
  };
}

/** What is below a folder, to be found by paths. */
export function indexOf(root: ContextNode): ContextIndex {
  return {
    root,
    find(path) {
      let node: ContextNode = root;
      for (const name of namesIn(path)) {
        const next = node.children.get(name);
        if (!next) return null;
        if (next.kind === 'link') throw new LinkInTheWay(path);
        node = next;
      }
      return node;
    },
    remove(path) {
      const names = namesIn(path);
      const last = names.pop() ?? '';
      let folder: ContextNode | undefined = root;
      for (const name of names) folder = folder?.children.get(name);
      folder?.children.delete(last);
    },
  };
}

/** Names travel as bytes; null for those that are no text. */
function readable(name: string): string | null {
  const bytes = Buffer.from(name, 'latin1');
  const text = bytes.toString();
  return name.includes('\0') || !Buffer.from(text).equals(bytes) ? null : text;
}
