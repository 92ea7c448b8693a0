import { expect, test } from 'vitest';
import type { ImageStore } from '../state/images.ts';
import type { BlobStore } from '../storage/blobs.ts';
import type { LayerStore } from '../storage/layers.ts';
import { createKeeper } from './keeper.ts';

test('a layer that is held for one who has let go of everything is let go at once', async () => {
  const events: string[] = [];
  const layers: Partial<LayerStore> = {
    removeAllBut: () => undefined,
    release: (diffId) => void events.push(`release ${diffId}`),
    remove(diffId) {
      events.push(`remove ${diffId}`);
      return { removed: true, done: Promise.resolve() };
    },
  };
  const images: Partial<ImageStore> = { layers: () => [], blobs: () => [], layer: () => null };
  const blobs: Partial<BlobStore> = { removeAllBut: () => undefined };
  const { begin } = createKeeper({
    images: images as ImageStore,
    layers: layers as LayerStore,
    blobs: blobs as BlobStore,
  });
  const { held, done } = begin();
  held({ diffId: 'one' });
  expect(events).toEqual([]);
  await done();
  held({ diffId: 'late' });
  await done();
  expect(events).toEqual(['release one', 'remove one', 'release late', 'remove late']);
});
