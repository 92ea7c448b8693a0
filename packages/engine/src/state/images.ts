import type { Database, Schema } from './database.ts';

/** An image as it is written down. */
export interface ImageRecord {
  /** `sha256:` and the digest of the configuration file. */
  readonly id: string;
  /** The configuration file, byte for byte. */
  readonly config: Buffer;
  /** DiffIDs, base first. */
  readonly layers: readonly string[];
  /** Bytes of content in all its layers. */
  readonly size: number;
  /** When it was last given a name, in RFC 3339; empty for never. */
  readonly lastTagged: string;
}

/** A layer that is unpacked, by the digest of its uncompressed tar. */
export interface LayerRecord {
  diffId: string;
  /** Bytes of content. */
  size: number;
}

export interface NewImage {
  id: string;
  config: Buffer;
  layers: readonly LayerRecord[];
}

/** What images there are, what they are called and what layers they are made of. */
export interface ImageStore {
  /**
   * Writes down an image and gives it names (in full); returns the names that another image had to give up.
   */
  insert(image: NewImage, names: readonly string[], now: string): { name: string; imageId: string }[];
  /** An image that can be seen, or one that was removed while containers of it were left. */
  get(id: string): ImageRecord | null;
  isVisible(id: string): boolean;
  /** All that can be seen. */
  all(): ImageRecord[];
  count(): number;
  /** IDs that begin with these hexadecimal digits: no more than two, as two are too many already. */
  search(digits: string): string[];
  /** Names of an image in full, in order. */
  namesOf(id: string): string[];
  imageNamed(name: string): string | null;
  unname(name: string): void;
  /** Takes an image out of sight with all its names; its layers are still needed. */
  hide(id: string): void;
  hidden(): string[];
  remove(id: string): void;
  layer(diffId: string): LayerRecord | null;
  layers(): string[];
  /** Forgets the layers that no image needs, and returns them. */
  dropUnusedLayers(): string[];
  /** The layers that several images need. */
  sharedLayers(): Set<string>;
}

export const schema: Schema = {
  name: 'images',
  migrations: [
    `CREATE TABLE images (
       id TEXT PRIMARY KEY,
       config BLOB NOT NULL,
       last_tagged TEXT NOT NULL,
       visible INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE layers (
       diff_id TEXT PRIMARY KEY,
       size INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE image_layers (
       image_id TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
       position INTEGER NOT NULL,
       diff_id TEXT NOT NULL REFERENCES layers,
       PRIMARY KEY (image_id, position)
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX image_layers_by_layer ON image_layers (diff_id);
     CREATE TABLE image_names (
       name TEXT PRIMARY KEY,
       image_id TEXT NOT NULL REFERENCES images ON DELETE CASCADE
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX image_names_by_image ON image_names (image_id);`,
  ],
};

/** The images of this engine, in its database. */
export function createImageStore({ sqlite, transaction }: Database): ImageStore {
  const one = (sql: string) => {
    const statement = sqlite.prepare(sql);
    return (...values: (string | number | Buffer)[]) => statement.get(...values);
  };
  const texts = (sql: string) => {
    const statement = sqlite.prepare(sql);
    return (...values: string[]) => statement.all(...values).map((row) => String(Object.values(row)[0]));
  };
  const change = (sql: string) => {
    const statement = sqlite.prepare(sql);
    return (...values: (string | number | Buffer)[]) => void statement.run(...values);
  };

  const addImage = change(
    `INSERT INTO images VALUES (?, ?, '', 1) ON CONFLICT (id) DO UPDATE SET visible = 1`,
  );
  const addLayer = change('INSERT INTO layers VALUES (?, ?) ON CONFLICT DO NOTHING');
  const addImageLayer = change('INSERT INTO image_layers VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const addName = change(
    'INSERT INTO image_names VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET image_id = excluded.image_id',
  );
  const setTagged = change('UPDATE images SET last_tagged = ? WHERE id = ?');
  const setHidden = change('UPDATE images SET visible = 0 WHERE id = ?');
  const removeNames = change('DELETE FROM image_names WHERE image_id = ?');
  const removeImage = change('DELETE FROM images WHERE id = ?');
  const removeName = change('DELETE FROM image_names WHERE name = ?');

  const selectImage = one('SELECT id, config, last_tagged FROM images WHERE id = ?');
  const selectLayer = one('SELECT size FROM layers WHERE diff_id = ?');
  const selectVisible = one('SELECT 1 FROM images WHERE id = ? AND visible = 1');
  const selectCount = one('SELECT count(*) AS count FROM images WHERE visible = 1');
  const selectHolder = one('SELECT image_id FROM image_names WHERE name = ?');
  const selectSize = one(
    'SELECT coalesce(sum(size), 0) AS size FROM image_layers JOIN layers USING (diff_id) WHERE image_id = ?',
  );
  const visibleIds = texts('SELECT id FROM images WHERE visible = 1');
  const hiddenIds = texts('SELECT id FROM images WHERE visible = 0');
  const beginningWith = texts('SELECT id FROM images WHERE visible = 1 AND id >= ? AND id < ? LIMIT 2');
  const layersOf = texts('SELECT diff_id FROM image_layers WHERE image_id = ? ORDER BY position');
  const namesOf = texts('SELECT name FROM image_names WHERE image_id = ? ORDER BY name');
  const allLayers = texts('SELECT diff_id FROM layers');
  const unusedLayers = texts(
    'DELETE FROM layers WHERE diff_id NOT IN (SELECT diff_id FROM image_layers) RETURNING diff_id',
  );
  const sharedLayers = texts(
    'SELECT diff_id FROM image_layers GROUP BY diff_id HAVING count(DISTINCT image_id) > 1',
  );

  const imageNamed = (name: string): string | null => {
    const row = selectHolder(name);
    return row ? String(row.image_id) : null;
  };
  const get = (id: string): ImageRecord | null => {
    const row = selectImage(id);
    if (!row) return null;
    return {
      id,
      config: Buffer.from(row.config as Uint8Array),
      layers: layersOf(id),
      size: Number(selectSize(id)?.size),
      lastTagged: String(row.last_tagged),
    };
  };

  return {
    insert: ({ id, config, layers }, names, now) =>
      transaction(() => {
        addImage(id, config);
        for (const [position, { diffId, size }] of layers.entries()) {
          addLayer(diffId, size);
          addImageLayer(id, position, diffId);
        }
        if (names.length > 0) setTagged(now, id);
        return names.flatMap((name) => {
          const holder = imageNamed(name);
          addName(name, id);
          return holder === null || holder === id ? [] : [{ name, imageId: holder }];
        });
      }),
    get,
    isVisible: (id) => selectVisible(id) !== undefined,
    all: () => visibleIds().flatMap((id) => get(id) ?? []),
    count: () => Number(selectCount()?.count),
    search: (digits) => beginningWith(`sha256:${digits}`, `sha256:${digits}g`),
    namesOf,
    imageNamed,
    unname: removeName,
    hide: (id) =>
      transaction(() => {
        removeNames(id);
        setHidden(id);
      }),
    hidden: hiddenIds,
    remove: removeImage,
    layer(diffId) {
      const row = selectLayer(diffId);
      return row ? { diffId, size: Number(row.size) } : null;
    },
    layers: allLayers,
    dropUnusedLayers: unusedLayers,
    sharedLayers: () => new Set(sharedLayers()),
  };
}
