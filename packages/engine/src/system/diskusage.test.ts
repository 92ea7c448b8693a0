import type { ContainerSummary, ImageSummary } from '@davit/api';
import { expect, test } from 'vitest';
import { type DiskUsageSources, diskUsage } from './diskusage.ts';

const sources: DiskUsageSources = {
  images: () =>
    [
      { Id: 'sha256:1', Containers: -1 },
      { Id: 'sha256:2', Containers: -1 },
    ] as ImageSummary[],
  layers: () => 7,
  containers: async () => [{ ImageID: 'sha256:1' }, { ImageID: 'sha256:1' }] as ContainerSummary[],
  volumes: async () => [],
  builds: async () => [],
};

test('everything is counted, or what is asked for', async () => {
  const all = await diskUsage(sources, [], '1.51');
  expect(Object.keys(all)).toEqual(['LayersSize', 'Images', 'Containers', 'Volumes', 'BuildCache']);
  expect(all.Images?.map(({ Containers }) => Containers)).toEqual([2, 0]);
  expect(await diskUsage(sources, ['volume'], '1.51')).toEqual({ Volumes: [] });
  expect(await diskUsage(sources, ['build-cache'], '1.41')).toEqual({ BuildCache: [], BuilderSize: 0 });
  await expect(diskUsage(sources, ['zz'], '1.51')).rejects.toThrow('unknown object type: zz');
});
