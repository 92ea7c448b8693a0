import { parseTime } from '../../clock.ts';
import type { LayerRecord } from '../../state/images.ts';
import { diffIdsOf, type Snapshot, snapshotOf } from '../snapshot.ts';
import type { CachedStep } from './file.ts';

/** An image whose history tells what its steps were. */
export interface PastImage {
  /** What the step of this name came to that followed on exactly these; null when the image was made in another way. */
  next(before: Snapshot, by: string): CachedStep | null;
}

interface Entry {
  created: string;
  created_by: string;
  author: string;
  empty_layer: boolean;
}

const entryOf = (one: unknown): Entry => {
  const { created = '', created_by = '', author = '', empty_layer = false } = (one ?? {}) as Partial<Entry>;
  return { created, created_by, author, empty_layer };
};

/** Reads an image as docker's classic builder reads those of --cache-from. */
export function createPastImage(config: Buffer, layers: readonly LayerRecord[]): PastImage {
  const image = snapshotOf(config, layers);
  const entries = image.history.map(entryOf);
  const texts = entries.map((one) => JSON.stringify(one));
  const diffIds = diffIdsOf(image);
  return {
    next(before, by) {
      const { history } = before;
      const entry = entries[history.length];
      // A step is remembered by the moment it was done at.
      if (entry?.created_by !== by || parseTime(entry.created) === null) return null;
      const isSame =
        history.every((one, index) => JSON.stringify(entryOf(one)) === texts[index]) &&
        diffIdsOf(before).every((diffId, index) => diffId === diffIds[index]);
      const layer = entry.empty_layer ? null : layers[before.layers.length];
      if (!isSame || layer === undefined) return null;
      return {
        ...{ key: '', kind: 'regular', description: by, created: entry.created, seconds: 0 },
        ...{ diffId: layer?.diffId ?? null, size: layer?.size ?? 0 },
      };
    },
  };
}
