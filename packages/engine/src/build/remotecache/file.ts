import { type Decoded, ShapeError, shape } from '@davit/api';
import { parseTime } from '../../clock.ts';
import { EngineError } from '../../errors.ts';
import { imageIdOf } from '../../images/config.ts';
import type { CacheRecord } from '../../state/builds.ts';

const { integer, list, object, optional, string } = shape;

/** Where the steps of a cache are in the configuration file of an image. */
const field = 'davit.buildcache';

const step = object({
  key: string,
  kind: string,
  description: string,
  created: string,
  size: integer,
  milliseconds: integer,
  /** Which of the image's layers it made; -1 for none. */
  layer: integer,
});
const document = object({
  rootfs: object({ type: string, diff_ids: list(string) }),
  [field]: optional(object({ version: integer, steps: list(step) })),
});

/** A step of a cache that comes from elsewhere. */
export type CachedStep = Omit<CacheRecord, 'lastUsed' | 'uses'>;

const mostSteps = 20_000;

/** The configuration file of an image that holds the layers of steps, and what they were. */
export function writeCache(steps: readonly CachedStep[]): { config: Buffer; layers: string[] } {
  const layers = [...new Set(steps.flatMap(({ diffId }) => diffId ?? []))];
  const config = Buffer.from(
    JSON.stringify({
      ...{ architecture: 'unknown', os: 'linux', config: {}, created: '1970-01-01T00:00:00Z' },
      rootfs: { type: 'layers', diff_ids: layers },
      [field]: described(steps, layers),
    }),
  );
  return { config, layers };
}

/** The configuration file of an image with the steps that made its layers, and the ID that it has with them. */
export function addCache(file: Buffer, steps: readonly CachedStep[]): { id: string; file: Buffer } {
  const known = JSON.parse(file.toString()) as { rootfs: { diff_ids: string[] } };
  const config = Buffer.from(JSON.stringify({ ...known, [field]: described(steps, known.rootfs.diff_ids) }));
  return { id: imageIdOf(config), file: config };
}

function described(steps: readonly CachedStep[], layers: readonly string[]) {
  const each = steps.map(({ key, kind, description, created, size, seconds, diffId }) => ({
    ...{ key, kind, description, created, size, milliseconds: Math.round(seconds * 1000) },
    layer: diffId === null ? -1 : layers.indexOf(diffId),
  }));
  return { version: 1, steps: each };
}

/** The steps that a configuration file tells of; null when it tells of none. Throws `badParameter`. */
export function readCache(file: Buffer): CachedStep[] | null {
  let read: Decoded<typeof document>;
  try {
    read = document(JSON.parse(file.toString()), '');
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error;
    throw new EngineError('badParameter', `invalid build cache: ${error.message}`, { cause: error });
  }
  const cache = read[field];
  if (!cache) return null;
  if (cache.version !== 1)
    throw new EngineError('badParameter', `unknown build cache version ${cache.version}`);
  const layers = read.rootfs.diff_ids ?? [];
  return (cache.steps ?? []).slice(0, mostSteps).map(({ kind, layer, milliseconds, key, ...one }) => {
    const diffId = layer === -1 ? null : layers[layer];
    const isStep = /^[0-9a-f]{64}$/.test(key) && (kind === 'regular' || kind === 'internal');
    const isMeasured = one.size >= 0 && milliseconds >= 0 && parseTime(one.created) !== null;
    if (diffId === undefined || !isStep || !isMeasured)
      throw new EngineError('badParameter', 'invalid build cache: a step of it makes no sense');
    return { ...one, key, kind, diffId, seconds: milliseconds / 1000 };
  });
}
