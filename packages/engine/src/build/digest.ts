import { createHash } from 'node:crypto';
import {
  createReadStream,
  type Dirent,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { access, below, hold } from '../storage/hold.ts';
import type { ContextNode } from './contextindex.ts';
import type { Selected } from './select.ts';

export interface DigestOptions {
  /** Whether it counts whose files are. */
  ownership: boolean;
  /** Whether a path below the selected folder is left out. */
  excludes(path: string): boolean;
  signal: AbortSignal;
}

const kindBits = { file: 0o100000, folder: 0o040000, link: 0o120000 };
const smallFile = 256 * 1024;

/**
 * The digest of what is copied: names, kinds, modes, targets of links and contents, but no times, so that it is
 * the same after `git clone` and `touch`. The tree must not change meanwhile.
 */
export async function digestOf(selected: readonly Selected[], options: DigestOptions): Promise<string> {
  const hash = createHash('sha256');
  let turn = performance.now();
  const visit = async (path: string, name: string): Promise<void> => {
    // Thousands of small files would otherwise keep everyone else waiting.
    if (performance.now() - turn > 20) {
      await new Promise((resolve) => setImmediate(resolve));
      options.signal.throwIfAborted();
      turn = performance.now();
    }
    const stats = lstatSync(path);
    hash.update(JSON.stringify([name, ...factsOf(stats, options.ownership)]));
    if (stats.isSymbolicLink()) hash.update(JSON.stringify(readlinkSync(path)));
    else if (stats.isFile()) hash.update(await digestFile(path, stats.size));
    else if (stats.isDirectory()) {
      for (const { name: inner } of sorted(readdirSync(path, { withFileTypes: true }))) {
        const inside = name === '' ? inner : `${name}/${inner}`;
        if (!options.excludes(inside)) await visit(join(path, inner), inside);
      }
    }
  };
  const visitNode = (node: ContextNode, name: string): void => {
    const { kind, mode, size, linkname, digest, children } = node;
    // What the archive says of owners does not count: all of it becomes root's.
    const facts = [kindBits[kind] | (kind === 'link' ? 0o777 : mode), kind === 'folder' ? 0 : size, 0];
    hash.update(JSON.stringify([name, ...facts, ...(options.ownership ? [0, 0] : [])]));
    if (kind === 'link') hash.update(JSON.stringify(linkname));
    else if (kind === 'file') hash.update(digest);
    for (const [inner, child] of [...children].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const inside = name === '' ? inner : `${name}/${inner}`;
      if (!options.excludes(inside)) visitNode(child, inside);
    }
  };
  for (const { tree, path, name, parents, isDirectory, node } of selected) {
    if (node) {
      hash.update(JSON.stringify([isDirectory ? '' : name, parents]));
      visitNode(node, '');
      continue;
    }
    const held = hold(tree, path);
    try {
      hash.update(JSON.stringify([isDirectory ? '' : name, parents]));
      // The descriptor's own name is a link: a file is looked at in the folder that it is in.
      await visit(isDirectory ? `${access(held.descriptor)}/.` : below(held.parent, held.name), '');
    } finally {
      held.close();
    }
  }
  return hash.digest('hex');
}

const sorted = (entries: Dirent[]) => entries.sort((a, b) => (a.name < b.name ? -1 : 1));

function factsOf(stats: Stats, ownership: boolean): unknown[] {
  const owner = ownership ? [stats.uid, stats.gid] : [];
  return [stats.mode, stats.isDirectory() ? 0 : stats.size, stats.rdev, ...owner];
}

async function digestFile(path: string, size: number): Promise<Buffer> {
  const hash = createHash('sha256');
  if (size <= smallFile) return hash.update(readFileSync(path)).digest();
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer);
  return hash.digest();
}

/** Goes through a folder, and tells of everything that is left out; what is inside of that is not told. */
export async function walk(
  path: string,
  excludes: (path: string) => boolean,
  leaveOut: (path: string) => void,
  name = '',
): Promise<void> {
  for (const entry of readdirSync(`${path}/.`, { withFileTypes: true })) {
    const inside = name === '' ? entry.name : `${name}/${entry.name}`;
    if (excludes(inside)) leaveOut(inside);
    else if (entry.isDirectory()) await walk(`${path}/${entry.name}`, excludes, leaveOut, inside);
  }
}
