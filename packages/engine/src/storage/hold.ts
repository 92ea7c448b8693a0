import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { EngineError } from '../errors.ts';

/** Opens a name without touching what is behind it; node has no constant for it. */
const O_PATH = 0x200000;
const handle = O_PATH | constants.O_NOFOLLOW;
const mostLinks = 40;

/** Something of the host that a container sees at a place in its root. */
export interface Mounted {
  /** Path in the root, without links. */
  destination: string;
  source: string;
  readOnly: boolean;
}

/** The files that a container sees. They are its own, and not to be trusted. */
export interface FileTree {
  root: string;
  mounts: readonly Mounted[];
}

/** Makes a name that is missing on the way, in a folder that belongs to a mount or to the root. */
export type MakeName = (parent: number, name: string, isLast: boolean, mount: Mounted | null) => void;

export interface HoldOptions {
  /** Whether a link at the very end is followed, as it is unless this says no. */
  follow?: boolean;
  make?: MakeName;
}

/** What a path in a tree leads to, held by its descriptors until it is let go. */
export interface Held {
  /** The path without any link in it, from the root on: `/usr/lib/x`. */
  path: string;
  /** What is there, if it exists. */
  stats: Stats | null;
  /** Opened without access to its content; -1 where nothing is. */
  descriptor: number;
  /** The folder it is in, and its name there; where nothing is, the last folder on the way. The root is in itself. */
  parent: number;
  name: string;
  /** The mount it belongs to; null for the root itself. */
  mount: Mounted | null;
  close(): void;
}

interface Step {
  name: string;
  descriptor: number;
  mount: Mounted | null;
}

export const errorCode = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

/** The path of a name in a folder that is held: nothing that happens to the folder's own path matters. */
export const below = (descriptor: number, name: string): string => `/proc/self/fd/${descriptor}/${name}`;

/** The path of what is held. Following it leads there and nowhere else. */
export const access = (descriptor: number): string => `/proc/self/fd/${descriptor}`;

/** Opens one name in a folder, whatever it is, without following it; null when there is none. */
export function openName(folder: number, name: string): number | null {
  try {
    return openSync(below(folder, name), handle);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** What is mounted at a path without links. */
export const mountedAt = (tree: FileTree, path: string): Mounted | undefined =>
  tree.mounts.find(({ destination }) => destination === path);

/**
 * Finds a path in a tree: links are followed as the container would, so that none leads out of it. Each folder on
 * the way is held by its descriptor, and `..` goes back to one that is held, so that it does not help to swap
 * folders for links meanwhile. The host's own mounts play no part: where the container has one, its source is
 * entered. Names that are missing at the end are made when `make` makes them.
 */
export function hold(tree: FileTree, path: string, { follow = true, make }: HoldOptions = {}): Held {
  const root = { name: '', descriptor: openSync(tree.root, O_PATH | constants.O_DIRECTORY), mount: null };
  const steps: Step[] = [root];
  const top = (): Step => steps.at(-1) ?? root;
  const pathOf = (...names: string[]) => [...steps.map((step) => step.name), ...names].join('/') || '/';
  const close = () => {
    for (const { descriptor } of steps.splice(0)) closeSync(descriptor);
  };
  const enter = (name: string, isLast: boolean): Step | null => {
    const mount = mountedAt(tree, pathOf(name));
    if (mount) return { name, mount, descriptor: openSync(mount.source, O_PATH) };
    let descriptor = openName(top().descriptor, name);
    if (descriptor === null && make) {
      make(top().descriptor, name, isLast, top().mount);
      descriptor = openName(top().descriptor, name);
    }
    return descriptor === null ? null : { name, mount: top().mount, descriptor };
  };
  let links = 0;
  try {
    const pending = path.split('/').reverse();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (steps.length > 1) closeSync(steps.pop()?.descriptor ?? -1);
        continue;
      }
      const isLast = pending.every((rest) => rest === '' || rest === '.');
      const step = enter(name, isLast);
      if (step === null) {
        const { descriptor: parent, mount } = top();
        return {
          path: pathOf(name, ...pending.reverse()),
          ...{ stats: null, descriptor: -1, parent, name, mount, close },
        };
      }
      const stats = fstatSync(step.descriptor);
      if (stats.isSymbolicLink() && (follow || pending.length > 0)) {
        closeSync(step.descriptor);
        if (++links > mostLinks) throw new EngineError('badParameter', `too many links in the path ${path}`);
        const target = readlinkSync(below(top().descriptor, name));
        if (target.startsWith('/')) while (steps.length > 1) closeSync(steps.pop()?.descriptor ?? -1);
        pending.push(...target.split('/').reverse());
        continue;
      }
      steps.push(step);
      if (!isLast && !stats.isDirectory())
        throw new EngineError('badParameter', `${path} leads through ${name}, which is not a directory`);
    }
    const { name, descriptor, mount } = top();
    const parent = (steps.at(-2) ?? root).descriptor;
    return { path: pathOf(), stats: fstatSync(descriptor), ...{ descriptor, parent, name, mount, close } };
  } catch (error) {
    close();
    throw error;
  }
}
