import type { ImageConfig } from '@davit/api';
import { imageConfigOf, imageIdOf, readImageFile } from '../images/config.ts';
import { hostPlatform, type Platform } from '../images/platform.ts';
import type { LayerRecord } from '../state/images.ts';

/** One entry of an image's history. */
export interface HistoryEntry {
  created: string;
  created_by: string;
  author?: string;
  comment?: string;
  empty_layer?: boolean;
}

/** An image on its way: what a step begins with and leaves. Never changed in place. */
export interface Snapshot {
  readonly platform: Platform;
  readonly config: ImageConfig;
  readonly layers: readonly LayerRecord[];
  /** As the base image has it, and our own entries. */
  readonly history: readonly unknown[];
  readonly author: string;
  readonly created: string;
  /** The image that it still is; null when it has become another one. */
  readonly image: { id: string; file: Buffer } | null;
}

export const diffIdsOf = ({ layers }: Snapshot): string[] => layers.map(({ diffId }) => diffId);

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What `FROM scratch` stands for. */
export const scratch = (platform: Platform = hostPlatform): Snapshot => ({
  platform,
  config: { Env: [`PATH=${defaultPath}`] },
  layers: [],
  history: [],
  author: '',
  created: '',
  image: null,
});

/** An image that is here, to build on. */
export function snapshotOf(file: Buffer, layers: readonly LayerRecord[]): Snapshot {
  const known = readImageFile(file);
  const { history } = JSON.parse(file.toString()) as { history?: unknown };
  return {
    platform: {
      os: known.os || 'linux',
      architecture: known.architecture || hostPlatform.architecture,
      variant: known.variant,
    },
    config: imageConfigOf(known),
    layers,
    history: Array.isArray(history) ? history : [],
    author: known.author,
    created: known.created,
    image: { id: imageIdOf(file), file },
  };
}

/** The snapshot after a step: with another configuration, one more layer, or both. */
export function advance(
  before: Snapshot,
  step: { config?: ImageConfig; layer?: LayerRecord | null; author?: string; created: string; by: string },
): Snapshot {
  const { config = before.config, layer = null, author = before.author, created, by } = step;
  const entry: HistoryEntry = {
    created,
    created_by: by,
    ...(author === '' ? {} : { author }),
    ...(layer ? {} : { empty_layer: true }),
  };
  return {
    ...before,
    ...{ config, author, created, image: null },
    layers: layer ? [...before.layers, layer] : before.layers,
    history: [...before.history, entry],
  };
}

/** The configuration file of a snapshot, and the ID that it gives the image. */
export function fileOf(snapshot: Snapshot): { id: string; file: Buffer } {
  if (snapshot.image) return snapshot.image;
  const { platform, config, history, author, created, layers } = snapshot;
  const given = Object.entries(config).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const file = Buffer.from(
    JSON.stringify({
      architecture: platform.architecture,
      ...(platform.variant === '' ? {} : { variant: platform.variant }),
      ...(author === '' ? {} : { author }),
      config: Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1))),
      created: created === '' ? '0001-01-01T00:00:00Z' : created,
      history,
      os: platform.os,
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  );
  return { id: imageIdOf(file), file };
}
