import { expect, test } from 'vitest';
import { digestOf } from '../../registry/manifests.ts';
import type { Build } from '../build.ts';
import type { BuildContext } from '../contextspool.ts';
import { scratch } from '../snapshot.ts';
import { type CachedStep, writeCache } from './file.ts';
import { openImports } from './import.ts';

const diffId = (letter: string) => `sha256:${letter.repeat(64)}`;
const step = (letter: string): CachedStep => ({
  ...{ key: letter.repeat(64), kind: 'regular', description: `RUN ${letter}`, diffId: diffId(letter) },
  ...{ created: '2026-01-01T00:00:00Z', size: 1, seconds: 1.5 },
});

/** An OCI image layout that holds a cache. */
function layoutOf(steps: readonly CachedStep[]): BuildContext {
  const files = new Map<string, Buffer>();
  const put = (content: Buffer) => {
    const digest = digestOf(content);
    files.set(`blobs/${digest.replace(':', '/')}`, content);
    return { mediaType: '', digest, size: content.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const { config, layers } = writeCache(steps);
  const manifest = put(
    json({
      ...{ schemaVersion: 2, config: put(config) },
      layers: layers.map((digest) => ({ mediaType: '', digest, size: 1 })),
    }),
  );
  files.set('index.json', json({ schemaVersion: 2, manifests: [manifest] }));
  for (const digest of layers) files.set(`blobs/${digest.replace(':', '/')}`, Buffer.from('a layer'));
  return {
    read: async (path: string) => files.get(path) ?? null,
    index: { find: (path: string) => (files.has(path) ? { kind: 'file' } : null) },
    content: async function* () {},
  } as unknown as BuildContext;
}

test('how large a layer is tells the engine, whatever the cache that was sent says', async () => {
  const steps = [step('a'), step('b')];
  const held: string[] = [];
  const importing: Partial<Build> = {
    options: {
      cacheFrom: [],
      inputs: { cacheFrom: [{ layout: layoutOf(steps) }] },
    } as unknown as Build['options'],
    progress: { warn: (text: string) => Promise.reject(new Error(text)) } as unknown as Build['progress'],
    signal: new AbortController().signal,
    held: (layer) => void held.push(layer.diffId),
    images: {
      layer: (wanted, hold) => {
        if (wanted !== diffId('a')) return null;
        hold({ diffId: wanted });
        return { diffId: wanted, size: 1000 };
      },
    } as Partial<Build['images']> as Build['images'],
    layers: {
      // On the disk both are, one of them without being written down yet.
      hold: () => true,
      unpack: async (_archive, wanted = '') => ({ diffId: wanted, size: 2000 }),
    } as Partial<Build['layers']> as Build['layers'],
  };
  const imports = await openImports(importing as Build);
  const sizes = await Promise.all(steps.map(({ key }) => imports.find(key, scratch(), null)));
  expect(sizes.map((one) => one?.size)).toEqual([1000, 2000]);
  expect(held.sort()).toEqual([diffId('a'), diffId('b')]);
});
