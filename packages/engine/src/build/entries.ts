import type { BuildCacheRecord } from '@davit/api';
import type { BuildStore, CacheRecord } from '../state/builds.ts';
import type { ImageStore } from '../state/images.ts';

/** A record of the cache with what can be seen of it from outside. */
export interface CacheEntry extends CacheRecord {
  /** An image has its layer as well: removing the record frees nothing. */
  inImage: boolean;
  /** An older record has the same layer, which is counted there. */
  repeats: boolean;
  /** A build that is under way has read it. */
  inUse: boolean;
}

export interface EntrySources {
  store: Pick<BuildStore, 'all'>;
  images: Pick<ImageStore, 'imageLayers'>;
  isUsed(key: string): boolean;
}

/** All records of the cache, the oldest first. */
export function cacheEntries({ store, images, isUsed }: EntrySources): CacheEntry[] {
  const ofImages = images.imageLayers();
  const seen = new Set<string>();
  return store.all().map((record) => {
    const { key, diffId } = record;
    const repeats = diffId !== null && seen.has(diffId);
    if (diffId !== null) seen.add(diffId);
    return { ...record, repeats, inImage: diffId !== null && ofImages.has(diffId), inUse: isUsed(key) };
  });
}

/** Whether the bytes of a record are counted elsewhere, too. */
export const isShared = ({ inImage, repeats }: CacheEntry): boolean => inImage || repeats;

/** A record as `GET /system/df` has it. */
export function cacheRecordOf(entry: CacheEntry): BuildCacheRecord {
  const { key, kind, description, inUse, size, created, lastUsed, uses } = entry;
  return {
    ...{ ID: key, Type: kind, Description: description, InUse: inUse, Shared: isShared(entry), Size: size },
    ...{ CreatedAt: created, LastUsedAt: lastUsed, UsageCount: uses },
  };
}
