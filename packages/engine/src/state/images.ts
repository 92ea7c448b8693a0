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

/** A layer as registries have it: compressed, and known by the digest of that. */
export interface LayerBlob {
  digest: string;
  diffId: string;
  size: number;
  mediaType: string;
}

/** What an image is called and made of in a registry, byte for byte: the same bytes have the same digest there. */
export interface Manifest {
  digest: string;
  mediaType: string;
  content: Buffer;
}

export interface NewImage {
  id: string;
  config: Buffer;
  layers: readonly LayerRecord[];
  blobs?: readonly LayerBlob[];
  manifests?: readonly Manifest[];
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
  /** The IDs of all, those too that cannot be seen. */
  everyId(): string[];
  /** All that can be seen. */
  all(): ImageRecord[];
  count(): number;
  /** IDs that begin with these hexadecimal digits: no more than two, as two are too many already. */
  search(digits: string): string[];
  /** Names of an image in full, in order. */
  namesOf(id: string): string[];
  imageNamed(name: string): string | null;
  /** All names in full, in order, and whose they are. */
  names(): { name: string; imageId: string }[];
  /** Gives an image another name; `now` is when a user did so, null when it was not a user. */
  name(id: string, name: string, now: string | null): void;
  unname(name: string): void;
  /** Takes an image out of sight with all its names; its layers are still needed. */
  hide(id: string): void;
  hidden(): string[];
  remove(id: string): void;
  layer(diffId: string): LayerRecord | null;
  /** Bytes of content in all layers. */
  totalSize(): number;
  /** The layers of all images, with their sizes; other layers are kept for something else. */
  imageLayers(): Map<string, number>;
  layers(): string[];
  /** Writes down a layer before there is an image of it. It is kept until unused layers are dropped. */
  addLayer(layer: LayerRecord, blob: LayerBlob): void;
  /** Forgets the layers that no image needs and nobody holds, and returns them and their compressed forms. */
  dropUnusedLayers(isHeld: (diffId: string) => boolean): { diffIds: string[]; blobs: string[] };
  /** The compressed forms of a layer, the latest first. */
  blobsOf(diffId: string): LayerBlob[];
  /** All compressed forms. */
  blobs(): string[];
  /** Writes down compressed forms; those of layers that are not written down are left out. */
  addBlobs(blobs: readonly LayerBlob[]): void;
  forgetBlob(digest: string): void;
  /** The repositories, by their full names, in which a blob has been seen, the latest first. */
  repositoriesOf(digest: string): string[];
  addSource(digest: string, repository: string): void;
  /** The manifests of an image, the latest first. */
  manifestsOf(id: string): Manifest[];
  addManifest(id: string, manifest: Manifest): void;
  /** The layers that several images need. */
  sharedLayers(): Set<string>;
  /** Keeps a layer for something else than an image, until that is unpinned. */
  pin(owner: string, layer: LayerRecord): void;
  unpin(owners: readonly string[]): void;
  /** Who keeps layers. */
  pinOwners(): string[];
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
    `CREATE TABLE layer_blobs (
       number INTEGER PRIMARY KEY,
       digest TEXT NOT NULL UNIQUE,
       diff_id TEXT NOT NULL REFERENCES layers ON DELETE CASCADE,
       size INTEGER NOT NULL,
       media_type TEXT NOT NULL
     ) STRICT;
     CREATE INDEX layer_blobs_by_layer ON layer_blobs (diff_id);
     CREATE TABLE blob_sources (
       number INTEGER PRIMARY KEY,
       digest TEXT NOT NULL REFERENCES layer_blobs (digest) ON DELETE CASCADE,
       repository TEXT NOT NULL,
       UNIQUE (digest, repository)
     ) STRICT;
     CREATE TABLE image_manifests (
       number INTEGER PRIMARY KEY,
       image_id TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
       digest TEXT NOT NULL,
       media_type TEXT NOT NULL,
       content BLOB NOT NULL,
       UNIQUE (image_id, digest)
     ) STRICT;`,
    `CREATE TABLE layer_pins (
       owner TEXT PRIMARY KEY,
       diff_id TEXT NOT NULL REFERENCES layers
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX layer_pins_by_layer ON layer_pins (diff_id);`,
  ],
};

/** The images of this engine, in its database. */
export function createImageStore({ sqlite, transaction }: Database): ImageStore {
  const one = (sql: string) => {
    const statement = sqlite.prepare(sql);
    return (...values: (string | number | Buffer)[]) => statement.get(...values);
  };
  const many = (sql: string) => {
    const statement = sqlite.prepare(sql);
    return (...values: string[]) => statement.all(...values);
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

  const addBlob = change(
    `INSERT INTO layer_blobs (digest, diff_id, size, media_type)
       SELECT ?, diff_id, ?, ? FROM layers WHERE diff_id = ?
       ON CONFLICT (digest) DO NOTHING`,
  );
  const removeBlob = change('DELETE FROM layer_blobs WHERE digest = ?');
  const addSource = change(
    `INSERT OR REPLACE INTO blob_sources (digest, repository)
       SELECT digest, ? FROM layer_blobs WHERE digest = ?`,
  );
  const addManifest = change(
    'INSERT OR REPLACE INTO image_manifests (image_id, digest, media_type, content) VALUES (?, ?, ?, ?)',
  );

  const selectImage = one('SELECT id, config, last_tagged FROM images WHERE id = ?');
  const selectTotal = one('SELECT coalesce(sum(size), 0) AS size FROM layers');
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
    `SELECT diff_id FROM layers WHERE diff_id NOT IN (SELECT diff_id FROM image_layers)
       AND diff_id NOT IN (SELECT diff_id FROM layer_pins)`,
  );
  const removeLayer = change('DELETE FROM layers WHERE diff_id = ?');
  const blobsOfLayer = texts('SELECT digest FROM layer_blobs WHERE diff_id = ?');
  const selectNames = many('SELECT name, image_id FROM image_names ORDER BY name');
  const selectBlobs = many(
    'SELECT digest, diff_id, size, media_type FROM layer_blobs WHERE diff_id = ? ORDER BY number DESC',
  );
  const allBlobs = texts('SELECT digest FROM layer_blobs');
  const selectSources = texts(
    'SELECT repository FROM blob_sources WHERE digest = ? ORDER BY number DESC LIMIT 8',
  );
  const selectManifests = many(
    'SELECT digest, media_type, content FROM image_manifests WHERE image_id = ? ORDER BY number DESC',
  );
  const sharedLayers = texts(
    'SELECT diff_id FROM image_layers GROUP BY diff_id HAVING count(DISTINCT image_id) > 1',
  );

  const addPin = change(
    'INSERT INTO layer_pins VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET diff_id = excluded.diff_id',
  );
  const removePin = change('DELETE FROM layer_pins WHERE owner = ?');
  const pinOwners = texts('SELECT owner FROM layer_pins');
  const selectImageLayers = many(
    'SELECT diff_id, size FROM layers WHERE diff_id IN (SELECT diff_id FROM image_layers)',
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

  const addBlobs = (blobs: readonly LayerBlob[]) => {
    for (const { digest, diffId, size, mediaType } of blobs) addBlob(digest, size, mediaType, diffId);
  };
  const keepManifest = (id: string, { digest, mediaType, content }: Manifest) =>
    addManifest(id, digest, mediaType, content);

  return {
    insert: ({ id, config, layers, blobs = [], manifests = [] }, names, now) =>
      transaction(() => {
        addImage(id, config);
        for (const [position, { diffId, size }] of layers.entries()) {
          addLayer(diffId, size);
          addImageLayer(id, position, diffId);
        }
        addBlobs(blobs);
        for (const manifest of manifests) keepManifest(id, manifest);
        if (names.length > 0) setTagged(now, id);
        return names.flatMap((name) => {
          const holder = imageNamed(name);
          addName(name, id);
          return holder === null || holder === id ? [] : [{ name, imageId: holder }];
        });
      }),
    get,
    isVisible: (id) => selectVisible(id) !== undefined,
    everyId: () => [...visibleIds(), ...hiddenIds()],
    all: () => visibleIds().flatMap((id) => get(id) ?? []),
    count: () => Number(selectCount()?.count),
    search: (digits) => beginningWith(`sha256:${digits}`, `sha256:${digits}g`),
    namesOf,
    imageNamed,
    names: () => selectNames().map((row) => ({ name: String(row.name), imageId: String(row.image_id) })),
    name: (id, name, now) =>
      transaction(() => {
        addName(name, id);
        if (now !== null) setTagged(now, id);
      }),
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
    totalSize: () => Number(selectTotal()?.size),
    imageLayers: () => new Map(selectImageLayers().map((row) => [String(row.diff_id), Number(row.size)])),
    layers: allLayers,
    addLayer: (layer, blob) =>
      transaction(() => {
        addLayer(layer.diffId, layer.size);
        addBlobs([blob]);
      }),
    dropUnusedLayers: (isHeld) =>
      transaction(() => {
        const diffIds = unusedLayers().filter((diffId) => !isHeld(diffId));
        const blobs = diffIds.flatMap((diffId) => blobsOfLayer(diffId));
        for (const diffId of diffIds) removeLayer(diffId);
        return { diffIds, blobs };
      }),
    blobsOf: (layer) =>
      selectBlobs(layer).map((row) => ({
        digest: String(row.digest),
        diffId: String(row.diff_id),
        size: Number(row.size),
        mediaType: String(row.media_type),
      })),
    blobs: allBlobs,
    addBlobs: (blobs) => transaction(() => addBlobs(blobs)),
    forgetBlob: removeBlob,
    repositoriesOf: selectSources,
    addSource: (digest, repository) => addSource(repository, digest),
    manifestsOf: (id) =>
      selectManifests(id).map((row) => ({
        digest: String(row.digest),
        mediaType: String(row.media_type),
        content: Buffer.from(row.content as Uint8Array),
      })),
    addManifest: keepManifest,
    sharedLayers: () => new Set(sharedLayers()),
    pin: (owner, { diffId, size }) =>
      transaction(() => {
        addLayer(diffId, size);
        addPin(owner, diffId);
      }),
    unpin: (owners) =>
      transaction(() => {
        for (const owner of owners) removePin(owner);
      }),
    pinOwners,
  };
}
