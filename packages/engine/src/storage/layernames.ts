import { readableName, tarError } from './tar.ts';

/** The names of a layer so far, as its tar brings them. */
export interface LayerNames {
  /** Takes a folder, which may come more than once; returns those on the way to it that were taken away before. */
  folder(path: string): string[];
  /** Takes anything else, which must not have come before; returns what `folder` does. */
  other(path: string): string[];
  /**
   * Takes what the layer takes away from those below it, and says what is of this name in the layer itself: that
   * hides what is below, and stays.
   */
  whiteout(path: string): 'folder' | 'other' | 'nothing';
}

/**
 * Holds the names of a layer against each other. A layer is a set of files: an archive that has a name twice, or
 * something below what is no folder (a link, say, that would lead elsewhere), cannot be made again from its files,
 * and no honest program writes one.
 */
export function createLayerNames(): LayerNames {
  const folders = new Set(['']);
  const others = new Set<string>();
  const taken = new Set<string>();

  /** Makes `path` a folder, and what leads to it; returns which of them had been taken away, topmost first. */
  const enter = (path: string, wanted: string): string[] => {
    const uncovered: string[] = [];
    for (let folder = path; !folders.has(folder); folder = parentOf(folder)) {
      if (others.has(folder)) throw folder === wanted ? twice(wanted) : below(wanted, folder);
      folders.add(folder);
      if (taken.delete(folder)) uncovered.unshift(folder);
    }
    return uncovered;
  };

  return {
    folder: (path) => enter(path, path),
    other(path) {
      if (others.has(path) || folders.has(path)) throw twice(path);
      const uncovered = enter(parentOf(path), path);
      others.add(path);
      taken.delete(path);
      return uncovered;
    },
    whiteout(path) {
      if (folders.has(path)) return 'folder';
      if (others.has(path)) return 'other';
      taken.add(path);
      return 'nothing';
    },
  };
}

const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0));

const twice = (path: string) => tarError(`"${readableName(path)}" is there twice`);

const below = (path: string, folder: string) =>
  tarError(`"${readableName(path)}" lies below "${readableName(folder)}", which is no directory`);
