import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerChange } from '@davit/api';
import type { Context } from './context.ts';

const modified = 0;
const added = 1;
const deleted = 2;

/** Directories that are compared: what the container wrote, what was below it, and what it sees. */
export interface ChangeRoots {
  upper: string;
  base: string;
  merged: string;
}

/** Lists what a container has changed in its root since it was made of its image. */
export async function listChanges(context: Context, name: string): Promise<ContainerChange[]> {
  const { id, layers } = context.store.find(name);
  const { locks, roots } = context;
  const { UpperDir: upper = '' } = roots.describe(id, layers);
  const own = await locks.run(id, () => roots.borrow(id, layers));
  try {
    const base = await roots.mountBelow(layers);
    try {
      return await compare({ upper, base: base.root, merged: own.root });
    } finally {
      await base.release();
    }
  } finally {
    await locks.run(id, own.release);
  }
}

/**
 * Compares what a container wrote with what was there before. A directory that holds a change has changed itself;
 * what was written and is as it was has not.
 */
export async function compare(roots: ChangeRoots): Promise<ContainerChange[]> {
  const changes: ContainerChange[] = [];
  await compareDirectory(roots, '', true, changes);
  return changes;
}

async function compareDirectory(
  roots: ChangeRoots,
  path: string,
  wasDirectory: boolean,
  changes: ContainerChange[],
): Promise<void> {
  const [written, before] = await Promise.all([
    namesIn(join(roots.upper, path)),
    wasDirectory ? namesIn(join(roots.base, path)) : new Map<string, Dirent>(),
  ]);
  // What the container removed leaves a mark, or is hidden by a directory made anew: it is not seen in either case.
  const gone = [...before.keys()].filter((name) => !written.has(name));
  const seen = gone.length > 0 ? await namesIn(join(roots.merged, path)) : written;
  const names = [...written.keys(), ...gone.filter((name) => !seen.has(name))].sort(byBytes);
  for (const name of names) await compareName(roots, `${path}/${name}`, before.has(name), changes);
}

async function compareName(
  roots: ChangeRoots,
  path: string,
  existed: boolean,
  changes: ContainerChange[],
): Promise<void> {
  const now = await lstat(join(roots.upper, path)).catch(() => null);
  if (!now || isWhiteout(now)) {
    if (existed) changes.push({ Path: path, Kind: deleted });
    return;
  }
  const old = existed ? await lstat(join(roots.base, path)).catch(() => null) : null;
  const change = { Path: path, Kind: old ? modified : added };
  const at = changes.length;
  if (now.isDirectory()) await compareDirectory(roots, path, old?.isDirectory() ?? false, changes);
  if (!old || differs(now, old) || changes.length > at) changes.splice(at, 0, change);
}

async function namesIn(directory: string): Promise<Map<string, Dirent>> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return new Map(entries.map((entry) => [entry.name, entry]));
  } catch (error) {
    // A container that runs may take it away meanwhile.
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return new Map();
    throw error;
  }
}

/** How overlayfs marks what is removed. */
function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

function differs(now: Stats, old: Stats): boolean {
  if (now.mode !== old.mode || now.uid !== old.uid || now.gid !== old.gid || now.rdev !== old.rdev)
    return true;
  // The times and sizes of directories tell nothing.
  return !now.isDirectory() && (now.size !== old.size || now.mtimeMs !== old.mtimeMs);
}

const byBytes = (first: string, second: string) => Buffer.compare(Buffer.from(first), Buffer.from(second));
