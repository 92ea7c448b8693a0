import {
  type BuildCacheRecord,
  type ContainerSummary,
  compareVersions,
  type DiskUsage,
  type ImageSummary,
  type Volume,
} from '@davit/api';
import { EngineError } from '../errors.ts';

/** Where the parts of the answer come from; each is only asked when it is wanted, as each costs time. */
export interface DiskUsageSources {
  /** All images, with how much of each is shared with others. */
  images(): ImageSummary[];
  /** Bytes of all layers of images, each counted once. */
  layers(): number;
  /** All containers, with how much each has written. */
  containers(): Promise<ContainerSummary[]>;
  volumes(): Promise<Volume[]>;
  /** The cache of builds. */
  builds(): Promise<BuildCacheRecord[]>;
}

const kinds = ['container', 'image', 'volume', 'build-cache'];

/** How much room things take: all kinds of them, or those that are named. Throws for other names. */
export async function diskUsage(
  sources: DiskUsageSources,
  wanted: readonly string[],
  version: string,
): Promise<DiskUsage> {
  const unknown = wanted.find((kind) => !kinds.includes(kind));
  if (unknown !== undefined) throw new EngineError('badParameter', `unknown object type: ${unknown}`);
  const wants = (kind: string) => wanted.length === 0 || wanted.includes(kind);
  const containers = wants('container') || wants('image') ? await sources.containers() : [];
  const cache = wants('build-cache') ? await sources.builds() : [];
  const usersOf = (id: string) => containers.filter(({ ImageID }) => ImageID === id).length;
  return {
    ...(wants('image') && {
      LayersSize: sources.layers(),
      Images: sources.images().map((image) => ({ ...image, Containers: usersOf(image.Id) })),
    }),
    ...(wants('container') && { Containers: containers }),
    ...(wants('volume') && { Volumes: await sources.volumes() }),
    ...(wants('build-cache') && { BuildCache: cache }),
    ...(compareVersions(version, '1.42') < 0 && { BuilderSize: builderSize(cache) }),
  };
}

const builderSize = (cache: readonly BuildCacheRecord[]): number =>
  cache.reduce((sum, { Shared, Size }) => sum + (Shared ? 0 : Size), 0);
