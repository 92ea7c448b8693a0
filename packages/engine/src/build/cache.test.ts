import { expect, test } from 'vitest';
import type { BuildStore } from '../state/builds.ts';
import type { LayerStore } from '../storage/layers.ts';
import { createStepCache, type StepRequest } from './cache.ts';

const created = '2026-01-01T00:00:00Z';

function cacheOfNothing() {
  const store: Partial<BuildStore> = { get: () => null, put: () => undefined };
  return createStepCache({
    store: store as BuildStore,
    images: { pin: () => undefined, unpin: () => undefined },
    layers: {} as LayerStore,
  });
}

const request = (more: Partial<StepRequest>): StepRequest => ({
  ...{ key: 'key', description: 'RUN make', kind: 'regular', useCache: true },
  ...{ held: () => undefined, used: () => undefined, signal: new AbortController().signal },
  imported: async () => null,
  work: async () => ({ layer: null, created }),
  ...more,
});

test('a build that is broken off waits no longer for a step that another one does', async () => {
  const { perform } = cacheOfNothing();
  const made = Promise.withResolvers<{ layer: null; created: string }>();
  const first = perform(request({ work: () => made.promise }));
  const leaving = new AbortController();
  const second = perform(request({ signal: leaving.signal }));
  const third = perform(request({}));
  leaving.abort(new Error('broken off'));
  await expect(second).rejects.toThrow('broken off');
  made.resolve({ layer: null, created });
  expect(await first).toMatchObject({ cached: false });
  expect(await third).toMatchObject({ cached: true });
});

test('a step that another build did not finish is done again', async () => {
  const { perform } = cacheOfNothing();
  const failing = perform(request({ work: () => Promise.reject(new Error('broken off')) }));
  const next = perform(request({}));
  await expect(failing).rejects.toThrow('broken off');
  expect(await next).toMatchObject({ cached: false });
});
