import { DatabaseSync } from 'node:sqlite';
import { EngineError, messageOf } from '../errors.ts';

/** The tables of one room and how they came to be: each migration is run once, in order, and never edited. */
export interface Schema {
  name: string;
  migrations: string[];
}

export interface Database {
  readonly sqlite: DatabaseSync;
  /** Runs `change` as one transaction: all of it is kept, or nothing when it throws. Must not be nested. */
  transaction<T>(change: () => T): T;
  close(): void;
}

/**
 * Opens the engine's state (SQLite, WAL) and brings its tables up to date. The file stays locked as long as it
 * is open, and the kernel drops that lock with the process: a second engine on the same data root gets a
 * `conflict`.
 */
export function openDatabase(path: string, schemas: Schema[]): Database {
  const sqlite = new DatabaseSync(path);
  try {
    sqlite.exec('PRAGMA locking_mode = EXCLUSIVE');
    sqlite.exec('PRAGMA journal_mode = WAL');
    sqlite.exec('PRAGMA synchronous = NORMAL');
    sqlite.exec('PRAGMA foreign_keys = ON');
    sqlite.exec('BEGIN EXCLUSIVE; COMMIT');
  } catch (error) {
    sqlite.close();
    throw new EngineError(
      'conflict',
      `cannot open ${path}: ${messageOf(error)} (is another davitd using it?)`,
      {
        cause: error,
      },
    );
  }
  const transaction = <T>(change: () => T): T => {
    sqlite.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      sqlite.exec('COMMIT');
      return result;
    } catch (error) {
      sqlite.exec('ROLLBACK');
      throw error;
    }
  };
  for (const schema of schemas) migrate(sqlite, transaction, schema);
  return { sqlite, transaction, close: () => sqlite.close() };
}

function migrate(sqlite: DatabaseSync, transaction: Database['transaction'], schema: Schema): void {
  sqlite.exec(
    'CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT',
  );
  const row = sqlite.prepare('SELECT version FROM schema_version WHERE name = ?').get(schema.name);
  const done = Number(row?.version ?? 0);
  for (const [index, migration] of schema.migrations.entries()) {
    if (index < done) continue;
    transaction(() => {
      sqlite.exec(migration);
      sqlite
        .prepare(
          'INSERT INTO schema_version VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version',
        )
        .run(schema.name, index + 1);
    });
  }
}
