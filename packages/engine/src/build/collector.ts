import { statfs } from 'node:fs/promises';
import type { BuildCacheRecord, BuildPruneAnswer } from '@davit/api';
import type { CacheRule, EngineConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import type { ImageService } from '../images/service.ts';
import { log } from '../log.ts';
import type { BuildStore } from '../state/builds.ts';
import type { ImageStore } from '../state/images.ts';
import { type Disk, entriesToPrune, usualRules } from './bounds.ts';
import type { CacheMounts } from './cachemounts.ts';
import { type CacheEntry, cacheEntries, cacheRecordOf } from './entries.ts';
import type { PackStore } from './known/packs.ts';

/** Keeps the cache of builds in bounds. */
export interface Collector {
  /** All records, with folders measured anew. */
  usage(): Promise<BuildCacheRecord[]>;
  /** Removes what a rule selects. Throws `badParameter`. */
  prune(rule: CacheRule): Promise<BuildPruneAnswer>;
  /** Applies the engine's own rules before long, if it has any. `measured` are folders that have changed. */
  collect(measured: Iterable<string>): void;
  /** Lets go of records whose layer is gone, and of layers and folders without a record. */
  reconcile(): Promise<void>;
  /** Resolves when nothing is being removed any more. */
  close(): Promise<void>;
}

export interface CollectorDependencies {
  dataRoot: string;
  /** What the engine was told of the cache. */
  settings: EngineConfig['builder'];
  store: BuildStore;
  images: ImageStore;
  layers: Pick<ImageService, 'dropLayers'>;
  mounts: CacheMounts;
  packs: PackStore;
  events: Pick<EventBus, 'publish'>;
  /** Whether a build that is under way has read a record. */
  isUsed(key: string): boolean;
}

/** More records than this are not kept, however small they are. */
const mostRecords = 20_000;

export function createCollector(dependencies: CollectorDependencies): Collector {
  const { dataRoot, settings, store, images, layers, mounts, packs, events } = dependencies;
  const isUsed = (key: string) => dependencies.isUsed(key) || mounts.isUsed(key);
  const entries = () => cacheEntries({ store, images, isUsed });
  const measure = async (keys: Iterable<string>) => {
    for (const key of keys) store.setSize(key, await mounts.measure(key));
  };
  const measureAll = () =>
    measure(
      store
        .all()
        .filter(({ kind }) => kind === 'exec.cachemount')
        .map(({ key }) => key),
    );

  /** Forgets records at once; what they stand for is gone when this resolves. Returns the bytes that it frees. */
  const remove = async (chosen: readonly CacheEntry[]): Promise<number> => {
    if (chosen.length === 0) return 0;
    const keys = chosen.map(({ key }) => key);
    store.remove(keys);
    images.unpin(keys);
    const folders = chosen.filter(({ kind }) => kind === 'exec.cachemount');
    const contexts = chosen.filter(({ kind }) => kind === 'source.local');
    const gone = [
      ...folders.map(({ key }) => mounts.remove(key)),
      ...contexts.map(({ key }) => packs.remove(key)),
    ];
    const freed = await layers.dropLayers();
    await Promise.all(gone);
    return [...folders, ...contexts].reduce((sum, { size }) => sum + size, freed);
  };

  const readDisk = async (): Promise<Disk> => {
    const { blocks, bavail, bsize } = await statfs(dataRoot);
    return { total: blocks * bsize, free: bavail * bsize };
  };

  const applyRules = async (): Promise<void> => {
    const disk = await readDisk();
    for (const rule of settings.rules ?? usualRules(settings, disk)) {
      // Nothing is waited for from here on: what is in use would not be known any more.
      const now = await readDisk();
      const chosen = entriesToPrune(entries(), rule, now);
      if (chosen.length === 0) continue;
      const freed = await remove(chosen);
      log.info('removed what builds no longer need', { records: chosen.length, bytes: freed });
    }
    const all = entries();
    const tooMany = all.filter(({ inUse }) => !inUse).slice(0, Math.max(all.length - mostRecords, 0));
    await remove(tooMany);
  };

  let collecting: Promise<void> | null = null;
  let isAskedAgain = false;
  const changed = new Set<string>();

  const run = async (): Promise<void> => {
    try {
      const keys = [...changed];
      changed.clear();
      await measure(keys);
      if (settings.collects) await applyRules();
    } catch (error) {
      log.warn('cannot bring the cache of builds into its bounds', { error: messageOf(error) });
    }
  };

  return {
    async usage() {
      await measureAll();
      return entries().map(cacheRecordOf);
    },

    async prune(rule) {
      // Bad filters are refused before anything is measured.
      entriesToPrune([], rule, { total: 0, free: 0 });
      await measureAll();
      const now = await readDisk();
      const chosen = entriesToPrune(entries(), rule, now);
      const SpaceReclaimed = await remove(chosen);
      events.publish('builder', 'prune', '', { reclaimed: String(SpaceReclaimed) });
      return {
        CachesDeleted: chosen.length === 0 ? null : chosen.map(({ key }) => key),
        SpaceReclaimed,
      };
    },

    collect(measured) {
      for (const key of measured) changed.add(key);
      isAskedAgain = true;
      collecting ??= (async () => {
        while (isAskedAgain) {
          isAskedAgain = false;
          await run();
        }
        collecting = null;
      })();
    },

    async reconcile() {
      const known = images.layers();
      const have = new Set(known);
      const lost = store
        .all()
        .filter(({ diffId, kind, key }) =>
          kind === 'source.local' ? !packs.has(key) : diffId !== null && !have.has(diffId),
        );
      store.remove(lost.map(({ key }) => key));
      const keys = new Set(store.all().map(({ key }) => key));
      images.unpin(images.pinOwners().filter((owner) => !keys.has(owner)));
      await mounts.removeAllBut(keys);
      packs.removeAllBut(keys);
      await layers.dropLayers();
    },

    async close() {
      await collecting;
    },
  };
}
