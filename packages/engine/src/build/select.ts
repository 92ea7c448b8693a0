import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import type { EngineError } from '../errors.ts';
import { globToRegExp } from '../images/filters.ts';
import { access, type FileTree, hold } from '../storage/hold.ts';

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
}

const isPattern = (name: string) => /[*?[]/.test(name);

/** Finds what a source of COPY or ADD means. `missing` words the error for one that is not there. */
export function selectSources(
  tree: FileTree,
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
      namesIn(tree, folder)
        .filter((one) => expression.test(one))
        .map((one) => posix.join(folder, one)),
    );
  }
  const depth = posix.normalize(`/${base}`).split('/').filter(Boolean).length;
  return found.flatMap((path) => look(tree, path, options.parents ? depth : null, options.missing));
}

function look(
  tree: FileTree,
  path: string,
  depth: number | null,
  missing: (path: string) => EngineError,
): Selected[] {
  const held = hold(tree, path);
  try {
    if (!held.stats) throw missing(path.slice(1));
    const above = depth === null ? '' : posix.dirname(path).split('/').filter(Boolean).slice(depth).join('/');
    const isDirectory = held.stats.isDirectory();
    const name = posix.basename(path);
    // With --parents a folder keeps its own name as well.
    const parents = depth !== null && isDirectory ? posix.join(above, name) : above;
    return [{ tree, path: held.path, name, isDirectory, parents }];
  } finally {
    held.close();
  }
}

function namesIn(tree: FileTree, folder: string): string[] {
  const held = hold(tree, folder);
  try {
    return held.stats?.isDirectory() ? readdirSync(access(held.descriptor)).sort() : [];
  } finally {
    held.close();
  }
}
