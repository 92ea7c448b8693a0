import { describe, expect, test } from 'vitest';
import { imageIdOf } from '../../images/config.ts';
import { advance, scratch } from '../snapshot.ts';
import { addCache, type CachedStep, readCache, writeCache } from './file.ts';
import { createPastImage } from './past.ts';

const diffId = (letter: string) => `sha256:${letter.repeat(64)}`;
const step = (letter: string, layer: string | null): CachedStep => ({
  ...{
    key: letter.repeat(64),
    kind: 'regular',
    description: `RUN ${letter}`,
    diffId: layer && diffId(layer),
  },
  ...{ created: '2026-01-01T00:00:00Z', size: 7, seconds: 1.5 },
});

describe('the steps of a cache', () => {
  const steps = [step('a', '1'), step('b', null), step('c', '2'), step('d', '1')];

  test('are in the configuration file of an image, and come out as they went in', () => {
    const { config, layers } = writeCache(steps);
    expect(layers).toEqual([diffId('1'), diffId('2')]);
    expect(readCache(config)).toEqual(steps);
    const image = Buffer.from(JSON.stringify({ os: 'linux', rootfs: { type: 'layers', diff_ids: layers } }));
    expect(readCache(image)).toBe(null);
    const { id, file } = addCache(image, steps);
    expect(id).toBe(imageIdOf(file));
    expect(readCache(file)).toEqual(steps);
    expect(JSON.parse(file.toString())).toMatchObject({ os: 'linux' });
  });

  test.each([
    ['steps', [{ key: 'x' }]],
    ['steps', [{ key: 'a'.repeat(64), kind: 'exec.cachemount', layer: -1 }]],
    ['steps', [{ key: 'a'.repeat(64), kind: 'regular', layer: 5 }]],
    ['steps', [{ key: 'a'.repeat(64), kind: 'regular', layer: -2 }]],
    ['steps', [{ key: 'a'.repeat(64), kind: 'regular', layer: 0, size: 1, created: 'then' }]],
    ['steps', [{ key: 'a'.repeat(64), kind: 'regular', layer: 0, size: 1 }]],
    [
      'steps',
      [{ key: 'a'.repeat(64), kind: 'regular', layer: 0, size: -1, created: '2026-01-01T00:00:00Z' }],
    ],
    ['steps', 'none'],
    ['version', 2],
  ])('are not believed: %s %j', (field, value) => {
    const cache = { version: 1, steps: [], [field]: value };
    const file = { rootfs: { type: 'layers', diff_ids: [diffId('1')] }, 'davit.buildcache': cache };
    expect(() => readCache(Buffer.from(JSON.stringify(file)))).toThrow(/build cache/);
    expect(() => readCache(Buffer.from('{'))).toThrow('invalid build cache');
  });
});

test('an image is a cache as far as its history is the same', () => {
  const created = '2026-01-01T00:00:00Z';
  const image = {
    rootfs: { type: 'layers', diff_ids: [diffId('1'), diffId('2')] },
    history: [
      { created, created_by: 'first' },
      { created, created_by: 'second', empty_layer: true },
      { created, created_by: 'third' },
      { created, created_by: 'fourth' },
    ],
  };
  const layers = [diffId('1'), diffId('2')].map((one) => ({ diffId: one, size: 3 }));
  const past = createPastImage(Buffer.from(JSON.stringify(image)), layers);
  const empty = scratch();
  expect(past.next(empty, 'first')).toMatchObject({ diffId: diffId('1'), size: 3, created });
  expect(past.next(empty, 'second')).toBe(null);
  const [layer] = layers;
  const first = advance(empty, { layer, created, by: 'first' });
  expect(past.next(first, 'second')).toMatchObject({ diffId: null, size: 0 });
  const second = advance(first, { created, by: 'second' });
  expect(past.next(second, 'third')).toMatchObject({ diffId: diffId('2') });
  // Made at another time, or of another layer, it is another step.
  const later = advance(empty, { layer, created: '2027-01-01T00:00:00Z', by: 'first' });
  expect(past.next(later, 'second')).toBe(null);
  const other = advance(empty, { layer: { diffId: diffId('9'), size: 3 }, created, by: 'first' });
  expect(past.next(other, 'second')).toBe(null);
  // Nobody knows when it was done.
  const history = [{ created: 'then', created_by: 'first' }];
  const timeless = createPastImage(Buffer.from(JSON.stringify({ ...image, history })), layers);
  expect(timeless.next(empty, 'first')).toBe(null);
  // There is no layer left for what says that it made one.
  const third = advance(second, { layer: layers[1] ?? null, created, by: 'third' });
  expect(past.next(third, 'fourth')).toBe(null);
});
