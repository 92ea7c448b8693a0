import { createHash } from 'node:crypto';
import type { BuildStore, CacheRecord } from '../state/builds.ts';
import type { ImageStore, LayerRecord } from '../state/images.ts';
import type { LayerStore } from '../storage/layers.ts';

/** What a step came to. */
export interface StepOutcome {
  layer: LayerRecord | null;
  created: string;
  cached: boolean;
}

export interface CacheDependencies {
  store: BuildStore;
  images: Pick<ImageStore, 'pin' | 'unpin'>;
  layers: LayerStore;
}

/** A step that was done elsewhere. */
export type ImportedStep = Pick<CacheRecord, 'created' | 'diffId' | 'size' | 'seconds'>;

export interface StepRequest {
  key: string;
  description: string;
  kind: 'regular' | 'internal';
  /** Whether what is known may be used. */
  useCache: boolean;
  held(layer: { diffId: string }): void;
  /** Told of the step before it is looked for: what is used is not pruned. */
  used(key: string): void;
  signal: AbortSignal;
  /** What the step came to elsewhere, with its layer, which is held; null when nobody knows. */
  imported(): Promise<ImportedStep | null>;
  /** Does the step; the layer that it makes is held. */
  work(): Promise<{ layer: LayerRecord | null; created: string }>;
}

export interface StepCache {
  /** What a step came to when it was last done, or comes to now. Builds that want the same step at once share it. */
  perform(request: StepRequest): Promise<StepOutcome>;
}

/** The digest of all that a step reads. */
export function keyOf(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * What a step came to that another build does; null when that was broken off or failed, which is no reason to end this
 * one. Throws when this one is broken off meanwhile.
 */
async function outcomeOf(other: Promise<StepOutcome>, signal: AbortSignal): Promise<StepOutcome | null> {
  signal.throwIfAborted();
  const { promise: left, reject: leave } = Promise.withResolvers<never>();
  const abort = () => leave(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([other.catch(() => null), left]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

export function createStepCache({ store, images, layers }: CacheDependencies): StepCache {
  const running = new Map<string, Promise<StepOutcome>>();

  const find = ({ key, held }: StepRequest): StepOutcome | null => {
    const record = store.get(key);
    if (!record) return null;
    const { diffId, size, created } = record;
    // A layer that is gone is nothing to build on.
    if (diffId !== null && !layers.hold(diffId)) return null;
    if (diffId !== null) held({ diffId });
    return { layer: diffId === null ? null : { diffId, size }, created, cached: true };
  };

  const carryOut = async (request: StepRequest): Promise<StepOutcome> => {
    const before = performance.now();
    const past = request.useCache ? await request.imported() : null;
    const { layer, created } = past
      ? {
          layer: past.diffId === null ? null : { diffId: past.diffId, size: past.size },
          created: past.created,
        }
      : await request.work();
    const record: CacheRecord = {
      key: request.key,
      kind: request.kind,
      description: request.description,
      diffId: layer?.diffId ?? null,
      size: layer?.size ?? 0,
      created,
      lastUsed: created,
      uses: 0,
      seconds: past?.seconds ?? (performance.now() - before) / 1000,
    };
    if (layer) images.pin(request.key, layer);
    else images.unpin([request.key]);
    store.put(record);
    return { layer, created, cached: past !== null };
  };

  return {
    async perform(request) {
      const { key, held, used } = request;
      used(key);
      for (;;) {
        const other = running.get(key);
        if (!other) break;
        const outcome = await outcomeOf(other, request.signal);
        if (outcome && request.useCache && (outcome.layer === null || layers.hold(outcome.layer.diffId))) {
          if (outcome.layer) held(outcome.layer);
          return { ...outcome, cached: true };
        }
      }
      const known = request.useCache ? find(request) : null;
      if (known) return known;
      const work = carryOut(request);
      running.set(key, work);
      try {
        return await work;
      } finally {
        running.delete(key);
      }
    },
  };
}
