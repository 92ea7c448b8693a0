import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { log } from '../../log.ts';
import { openFreshMarks } from '../../storage/freshmarks.ts';

/** A content in an archive: the digest in hexadecimal digits, and where it is. */
export interface PackedContent {
  digest: string;
  offset: number;
  size: number;
}

/** Where a content is kept. */
export interface Place {
  pack: string;
  offset: number;
  size: number;
}

/** Archives of earlier build contexts, kept for the contents of their files. */
export interface PackStore {
  find(digest: string): Place | null;
  path(pack: string): string;
  has(pack: string): boolean;
  /** Keeps an archive, which goes away from where it is. */
  keep(pack: string, archive: string, contents: readonly PackedContent[]): Promise<void>;
  /** Forgets an archive at once; who has it open can go on reading. */
  remove(pack: string): Promise<void>;
  /** Removes all but these. */
  removeAllBut(packs: ReadonlySet<string>): void;
}

type Line = [digest: string, offset: number, size: number];

/**
 * Opens the archives in a folder. What is in them is read when it is first asked for. Those that may not have reached
 * the disk before the machine went down are removed: a list may be there whose archive is not what it says.
 */
export function createPackStore(folder: string): PackStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const archiveOf = (pack: string) => join(folder, `${pack}.tar`);
  const listOf = (pack: string) => join(folder, `${pack}.json`);
  const marks = openFreshMarks(`${folder}.fresh`);
  for (const pack of marks.doubtful())
    for (const path of [listOf(pack), archiveOf(pack)]) rmSync(path, { force: true });
  marks.trustAll();
  let places: Map<string, Place> | null = null;
  /** What is in several archives: the places besides. */
  const others = new Map<string, Place[]>();
  const contentsOf = new Map<string, string[]>();

  const add = (pack: string, lines: readonly Line[], all: Map<string, Place>) => {
    contentsOf.set(
      pack,
      lines.map(([digest]) => digest),
    );
    for (const [digest, offset, size] of lines) {
      const before = all.get(digest);
      if (before && before.pack !== pack) others.set(digest, [...(others.get(digest) ?? []), before]);
      all.set(digest, { pack, offset, size });
    }
  };

  /** Forgets that a content is in an archive; it may still be in another. */
  const drop = (digest: string, pack: string, all: Map<string, Place>) => {
    const left = (others.get(digest) ?? []).filter((place) => place.pack !== pack);
    if (all.get(digest)?.pack === pack) {
      const next = left.pop();
      if (next) all.set(digest, next);
      else all.delete(digest);
    }
    if (left.length > 0) others.set(digest, left);
    else others.delete(digest);
  };

  const load = (): Map<string, Place> => {
    const all = new Map<string, Place>();
    for (const name of readdirSync(folder)) {
      const [, pack] = /^(\w+)\.json$/.exec(name) ?? [];
      if (pack === undefined) continue;
      try {
        add(pack, JSON.parse(readFileSync(listOf(pack), 'utf8')) as Line[], all);
      } catch {
        log.warn('a build context that was kept cannot be read', { pack });
      }
    }
    return all;
  };

  return {
    find(digest) {
      places ??= load();
      return places.get(digest) ?? null;
    },
    path: archiveOf,
    has: (pack) => existsSync(archiveOf(pack)) && existsSync(listOf(pack)),

    async keep(pack, archive, contents) {
      const lines = contents.map(({ digest, offset, size }): Line => [digest, offset, size]);
      await marks.mark(pack);
      await rename(archive, archiveOf(pack));
      // Whoever finds the list finds the archive.
      await writeFile(`${listOf(pack)}.new`, JSON.stringify(lines), { mode: 0o600 });
      await rename(`${listOf(pack)}.new`, listOf(pack));
      if (places) add(pack, lines, places);
    },

    async remove(pack) {
      if (places) for (const digest of contentsOf.get(pack) ?? []) drop(digest, pack, places);
      contentsOf.delete(pack);
      marks.forget(pack);
      await rm(listOf(pack), { force: true });
      await rm(archiveOf(pack), { force: true });
    },

    removeAllBut(packs) {
      for (const name of readdirSync(folder))
        if (!packs.has(name.replace(/\.(?:tar|json)$/, ''))) rmSync(join(folder, name), { force: true });
      places = null;
      others.clear();
      contentsOf.clear();
    },
  };
}
