import { EngineError, messageOf } from '../../errors.ts';
import type { DetachedImage } from '../../images/detached.ts';
import { parseReference } from '../../images/reference.ts';
import type { BuildStore } from '../../state/builds.ts';
import type { Build } from '../build.ts';
import { diffIdsOf, type Snapshot } from '../snapshot.ts';
import { addCache, type CachedStep, writeCache } from './file.ts';
import type { CacheMode } from './places.ts';

/** What a registry takes as one image. */
const mostLayers = 500;

/** The steps that a build has used, the oldest first. */
export function usedSteps(store: BuildStore, keys: Iterable<string>): CachedStep[] {
  return Array.from(keys, (key) => store.get(key))
    .filter((record) => record?.kind === 'regular' || record?.kind === 'internal')
    .map((record) => record as CachedStep);
}

function chosen(steps: readonly CachedStep[], snapshot: Snapshot, mode: CacheMode): CachedStep[] {
  const own = new Set(diffIdsOf(snapshot));
  return mode === 'max' ? [...steps] : steps.filter(({ diffId }) => diffId === null || own.has(diffId));
}

/** The image with the steps that made it written into its configuration file. */
export const withInlineCache = (
  file: Buffer,
  steps: readonly CachedStep[],
  snapshot: Snapshot,
): { id: string; file: Buffer } => addCache(file, chosen(steps, snapshot, 'min'));

/** Brings the steps of a build where they are to go. Throws when one of those places does not take them. */
export async function exportCaches(
  build: Build,
  steps: readonly CachedStep[],
  snapshot: Snapshot,
): Promise<void> {
  const { options, images, signal, progress } = build;
  for (const target of options.inputs.cacheTo) {
    if (target.type === 'inline') continue;
    const cache = held(build, writeCache(chosen(steps, snapshot, target.mode)));
    if (target.type === 'local') {
      options.inputs.caches.set(target.name, cache);
      continue;
    }
    const { name } = target;
    const credentials = options.credentialsFor(parseReference(name).domain);
    try {
      if (cache.layers.length > mostLayers)
        throw new EngineError(
          'badParameter',
          `it has ${cache.layers.length} layers, ${mostLayers} at most are kept`,
        );
      const digest = await images.detached.push({ name, credentials, signal }, cache);
      await progress.warn(`Cache exported to ${name}: ${digest}`);
    } catch (error) {
      signal.throwIfAborted();
      const kind = error instanceof EngineError ? error.kind : 'internal';
      throw new EngineError(kind, `cannot export the cache to ${name}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** Layers of steps may have been pruned meanwhile by hand: what is there is held as long as the build's inputs are. */
function held({ layers, options }: Build, cache: DetachedImage): DetachedImage {
  for (const diffId of cache.layers) {
    if (!layers.hold(diffId)) throw new EngineError('conflict', `the layer ${diffId} of the cache is gone`);
    options.inputs.held({ diffId });
  }
  return cache;
}
