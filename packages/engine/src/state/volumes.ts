import type { Database, Schema } from './database.ts';

/** What is known of a volume; its files are in a folder of its name. */
export interface VolumeRecord {
  readonly name: string;
  readonly driver: string;
  readonly created: string;
  readonly labels: Readonly<Record<string, string>> | null;
  /** Options of the driver; null for none. */
  readonly options: Readonly<Record<string, string>> | null;
}

export interface VolumeStore {
  get(name: string): VolumeRecord | undefined;
  /** All volumes by their names. */
  all(): VolumeRecord[];
  insert(volume: VolumeRecord): void;
  remove(name: string): void;
}

export const schema: Schema = {
  name: 'volumes',
  migrations: [
    'CREATE TABLE volumes (name TEXT PRIMARY KEY, created TEXT NOT NULL, record TEXT NOT NULL) STRICT, WITHOUT ROWID',
  ],
};

/** The volumes of this engine: written in every change and read once, as this process is alone with the database. */
export function createVolumeStore({ sqlite, transaction }: Database): VolumeStore {
  const insertRow = sqlite.prepare('INSERT INTO volumes VALUES (?, ?, ?)');
  const deleteRow = sqlite.prepare('DELETE FROM volumes WHERE name = ?');
  const rows = sqlite.prepare('SELECT name, record FROM volumes ORDER BY name').all();
  const volumes = new Map(rows.map(({ name, record }) => [String(name), JSON.parse(String(record))]));
  return {
    get: (name) => volumes.get(name),
    all: () => [...volumes.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
    insert(volume) {
      transaction(() => insertRow.run(volume.name, volume.created, JSON.stringify(volume)));
      volumes.set(volume.name, volume);
    },
    remove(name) {
      transaction(() => deleteRow.run(name));
      volumes.delete(name);
    },
  };
}
