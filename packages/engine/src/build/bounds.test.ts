import { expect, test } from 'vitest';
import type { CacheRule } from '../config.ts';
import { cacheFilter, entriesToPrune, usualRules } from './bounds.ts';
import type { CacheEntry } from './entries.ts';

const day = 24 * 3600 * 1000;
const entry = (key: string, size: number, daysAgo: number, more: Partial<CacheEntry> = {}): CacheEntry => {
  const time = new Date(Date.now() - daysAgo * day).toISOString();
  return {
    ...{
      key,
      size,
      kind: 'regular',
      description: `RUN ${key}`,
      diffId: `sha256:${key}`,
      uses: 1,
      seconds: 1,
    },
    ...{ created: time, lastUsed: time, inImage: false, repeats: false, inUse: false },
    ...more,
  };
};
const rule = (given: Partial<CacheRule> = {}): CacheRule => ({
  ...{ all: false, filters: {}, reservedSpace: 0, maxUsedSpace: 0, minFreeSpace: 0 },
  ...given,
});
const disk = { total: 1000, free: 500 };
const pruned = (entries: CacheEntry[], given: Partial<CacheRule>, on = disk) =>
  entriesToPrune(entries, rule(given), on).map(({ key }) => key);

const three = [entry('old', 10, 3), entry('older', 20, 5), entry('new', 30, 1)];

test('what was not used for the longest time goes first, until the rest fits', () => {
  expect(pruned(three, {})).toEqual(['older', 'old', 'new']);
  expect(pruned(three, { reservedSpace: 45 })).toEqual(['older']);
  expect(pruned(three, { maxUsedSpace: 35 })).toEqual(['older', 'old']);
  expect(pruned(three, { maxUsedSpace: 35, reservedSpace: 60 })).toEqual([]);
  expect(pruned(three, { minFreeSpace: 505 })).toEqual(['older']);
  expect(pruned(three, { minFreeSpace: 400 })).toEqual([]);
});

test('what is used stays, and what images have unless all is to go', () => {
  const entries = [
    entry('used', 1, 1, { inUse: true }),
    entry('image', 2, 1, { inImage: true }),
    entry('note', 0, 1, { kind: 'internal', diffId: null }),
  ];
  expect(pruned(entries, {})).toEqual([]);
  expect(pruned(entries, { all: true }).sort()).toEqual(['image', 'note']);
});

test('a layer that two records have is counted once, and freed with the last of them', () => {
  const same = { diffId: 'sha256:same' };
  const twice = [entry('a', 40, 3, same), entry('b', 40, 2, { ...same, repeats: true }), entry('c', 5, 1)];
  expect(pruned(twice, { maxUsedSpace: 45 })).toEqual([]);
  expect(pruned(twice, { maxUsedSpace: 44 })).toEqual(['a', 'b']);
});

test('of what was used at once, what was made last goes first', () => {
  const lastUsed = new Date().toISOString();
  expect(pruned([entry('base', 1, 3, { lastUsed }), entry('top', 1, 1, { lastUsed })], {})).toEqual([
    'top',
    'base',
  ]);
});

test('filters select', () => {
  const select = (filters: Record<string, string[]>) =>
    three.filter(cacheFilter(filters)).map(({ key }) => key);
  expect(select({ until: ['48h'] })).toEqual(['old', 'older']);
  expect(select({ 'unused-for': ['96h'] })).toEqual(['older']);
  expect(select({ id: ['new'] })).toEqual(['new']);
  expect(select({ description: ['RUN old'], shared: ['false'] })).toEqual(['old']);
  expect(select({ inuse: ['true'] })).toEqual([]);
  expect(select({ 'label!': ['x'] })).toHaveLength(3);
  expect(() => cacheFilter({ id: ['a', 'b'] })).toThrow('expect only one value: "id"');
});

test('an engine that was told nothing keeps what suits its disk', () => {
  const none = { reservedSpace: 0, maxUsedSpace: 0, minFreeSpace: 0 };
  const gigabyte = 1024 ** 3;
  const last = usualRules(none, { total: 100 * gigabyte, free: 0 }).at(-1);
  expect(last).toMatchObject({
    all: true,
    ...{ reservedSpace: 10 * gigabyte, maxUsedSpace: 60 * gigabyte, minFreeSpace: 20 * gigabyte },
  });
  expect(usualRules({ ...none, reservedSpace: 5 }, disk).at(-1)).toMatchObject({
    reservedSpace: 5,
    maxUsedSpace: 0,
  });
});
