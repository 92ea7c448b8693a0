import type { Database, Schema } from './database.ts';

/** What a step of a build came to, by the digest of all that it read. */
export interface CacheRecord {
  key: string;
  /**
   * As docker's builder names them: `regular` for a step that can change files, `exec.cachemount` for a folder that
   * RUN keeps, `internal` for what only says when something was done, `source.local` for files of a context.
   */
  kind: CacheKind;
  /** The instruction, for people. */
  description: string;
  /** The layer that it made; null when it made none. */
  diffId: string | null;
  /** Bytes of that layer, or of the folder when it was last measured. */
  size: number;
  /** When it was done, and last used, in RFC 3339. */
  created: string;
  lastUsed: string;
  uses: number;
  /** How long it took. */
  seconds: number;
}

export type CacheKind = 'regular' | 'internal' | 'exec.cachemount' | 'source.local';

/** What builds remember, and what they must clean up when they could not. */
export interface BuildStore {
  get(key: string): CacheRecord | null;
  all(): CacheRecord[];
  put(record: CacheRecord): void;
  /** Notes that records were used. */
  touch(keys: readonly string[], now: string): void;
  setSize(key: string, size: number): void;
  remove(keys: readonly string[]): void;
  /** Something of a build that must not outlive it: a container, or a root. */
  addLease(kind: LeaseKind, id: string): void;
  removeLease(kind: LeaseKind, id: string): void;
  leases(): { kind: LeaseKind; id: string }[];
}

export type LeaseKind = 'container' | 'root';

export const schema: Schema = {
  name: 'builds',
  migrations: [
    `CREATE TABLE build_cache (
       key TEXT PRIMARY KEY,
       kind TEXT NOT NULL,
       description TEXT NOT NULL,
       diff_id TEXT,
       size INTEGER NOT NULL,
       created TEXT NOT NULL,
       last_used TEXT NOT NULL,
       uses INTEGER NOT NULL,
       seconds REAL NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE build_leases (
       kind TEXT NOT NULL,
       id TEXT NOT NULL,
       PRIMARY KEY (kind, id)
     ) STRICT, WITHOUT ROWID;`,
  ],
};

/** The builds of this engine, in its database. */
export function createBuildStore({ sqlite, transaction }: Database): BuildStore {
  const select = sqlite.prepare('SELECT * FROM build_cache WHERE key = ?');
  const selectAll = sqlite.prepare('SELECT * FROM build_cache ORDER BY created');
  const insert = sqlite.prepare('INSERT OR REPLACE INTO build_cache VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const use = sqlite.prepare('UPDATE build_cache SET last_used = ?, uses = uses + 1 WHERE key = ?');
  const setSize = sqlite.prepare('UPDATE build_cache SET size = ? WHERE key = ?');
  const remove = sqlite.prepare('DELETE FROM build_cache WHERE key = ?');
  const insertLease = sqlite.prepare('INSERT OR IGNORE INTO build_leases VALUES (?, ?)');
  const deleteLease = sqlite.prepare('DELETE FROM build_leases WHERE kind = ? AND id = ?');
  const selectLeases = sqlite.prepare('SELECT kind, id FROM build_leases');

  return {
    get(key) {
      const row = select.get(key);
      return row ? recordOf(row) : null;
    },
    all: () => selectAll.all().map(recordOf),
    put({ key, kind, description, diffId, size, created, lastUsed, uses, seconds }) {
      insert.run(key, kind, description, diffId, size, created, lastUsed, uses, seconds);
    },
    touch: (keys, now) =>
      transaction(() => {
        for (const key of keys) use.run(now, key);
      }),
    setSize: (key, size) => void setSize.run(size, key),
    remove: (keys) =>
      transaction(() => {
        for (const key of keys) remove.run(key);
      }),
    addLease: (kind, id) => void insertLease.run(kind, id),
    removeLease: (kind, id) => void deleteLease.run(kind, id),
    leases: () => selectLeases.all().map((row) => ({ kind: row.kind as LeaseKind, id: String(row.id) })),
  };
}

function recordOf(row: Record<string, unknown>): CacheRecord {
  return {
    key: String(row.key),
    kind: row.kind as CacheKind,
    description: String(row.description),
    diffId: row.diff_id === null ? null : String(row.diff_id),
    size: Number(row.size),
    created: String(row.created),
    lastUsed: String(row.last_used),
    uses: Number(row.uses),
    seconds: Number(row.seconds),
  };
}
