import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import type { EngineError } from '../errors.ts';
import { globToRegExp } from '../images/filters.ts';
import { access, type FileTree, hold } from '../storage/hold.ts';
import type { ContextIndex, ContextNode } from './contextindex.ts';

/** Something that is copied: a file, or a folder with all that is in it. */
export interface Selected {
  tree: FileTree;
  /** Path in the tree, without links. */
  path: string;
  /** What it is called at its destination, if that is a folder. */
  name: string;
  isDirectory: boolean;
  /** Folder to put it below, with `--parents`. */
  parents: string;
  /** The same as the archive of the build context has it; null where only the tree tells. */
  node: ContextNode | null;
}

/** Where sources are looked for. */
export interface Finder {
  /** Names in a folder, in order; none when it is no folder. */
  names(folder: string): string[];
  /** What a path leads to; null when there is nothing. */
  look(path: string): Pick<Selected, 'tree' | 'path' | 'isDirectory' | 'node'> | null;
}

/** Looks for sources among files. */
export const treeFinder = (tree: FileTree): Finder => ({
  names(folder) {
    const held = hold(tree, folder);
    try {
      return held.stats?.isDirectory() ? readdirSync(access(held.descriptor)).sort() : [];
    } finally {
      held.close();
    }
  },
  look(path) {
    const held = hold(tree, path);
    held.close();
    if (!held.stats) return null;
    return { tree, path: held.path, isDirectory: held.stats.isDirectory(), node: null };
  },
});

/** Looks for sources in what is known of a context, which may not be unpacked. Throws LinkInTheWay. */
export const indexFinder = (index: ContextIndex): Finder => ({
  names: (folder) => Array.from(index.find(folder)?.children.keys() ?? []).sort(),
  look(path) {
    const node = index.find(path);
    if (!node) return null;
    return { tree: { root: '', mounts: [] }, path, isDirectory: node.kind === 'folder', node };
  },
});

const isPattern = (name: string) => /[*?[]/.test(name);

/** Finds what a source of COPY or ADD means. `missing` words the error for one that is not there. */
export function selectSources(
  finder: Finder,
  source: string,
  options: { parents: boolean; missing(path: string): EngineError },
): Selected[] {
  const pivot = options.parents ? source.lastIndexOf('/./') : -1;
  const base = pivot === -1 ? '' : source.slice(0, pivot);
  const names = posix.normalize(`/${source}`).split('/').filter(Boolean);
  let found = ['/'];
  for (const name of names) {
    if (!isPattern(name)) {
      const plain = name.replace(/\\(.)/g, '$1');
      found = found.map((folder) => posix.join(folder, plain));
      continue;
    }
    const expression = globToRegExp(name);
    found = found.flatMap((folder) =>
      finder
        .names(folder)
        .filter((one) => expression.test(one))
        .map((one) => posix.join(folder, one)),
    );
  }
  const depth = posix.normalize(`/${base}`).split('/').filter(Boolean).length;
  return found.flatMap((path) => look(finder, path, options.parents ? depth : null, options.missing));
}

function look(
  finder: Finder,
  path: string,
  depth: number | null,
  missing: (path: string) => EngineError,
): Selected[] {
  const found = finder.look(path);
  if (!found) throw missing(path.slice(1));
  const above = depth === null ? '' : posix.dirname(path).split('/').filter(Boolean).slice(depth).join('/');
  const name = posix.basename(path);
  // With --parents a folder keeps its own name as well.
  const parents = depth !== null && found.isDirectory ? posix.join(above, name) : above;
  return [{ ...found, name, parents }];
}
