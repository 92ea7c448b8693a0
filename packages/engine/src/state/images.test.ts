import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { createImageStore, type ImageStore, schema } from './images.ts';

let database: Database;
let store: ImageStore;
beforeEach(() => {
  database = openDatabase(':memory:', [schema]);
  store = createImageStore(database);
});
afterEach(() => database.close());

const layer = (diffId: string, size = 1) => ({ diffId, size });
const image = (id: string, ...layers: string[]) => ({
  id,
  config: Buffer.from(`config of ${id}`),
  layers: layers.map((one) => layer(one, 10)),
});

test('an image is kept as it was, with the size of its layers', () => {
  store.insert(image('sha256:a1', 'base', 'top', 'base'), ['docker.io/library/a:1'], 'now');
  const found = store.get('sha256:a1');
  expect(found?.config.toString()).toBe('config of sha256:a1');
  expect(found).toMatchObject({ layers: ['base', 'top', 'base'], size: 30, lastTagged: 'now' });
  expect(store.count()).toBe(1);
  expect(store.get('sha256:a2')).toBe(null);
});

test('a name moves to the image that takes it, and says whose it was', () => {
  store.insert(image('sha256:a1', 'x'), ['n:1', 'n:2'], '');
  expect(store.insert(image('sha256:a2', 'x'), ['n:1', 'n:3'], '')).toEqual([
    { name: 'n:1', imageId: 'sha256:a1' },
  ]);
  expect(store.namesOf('sha256:a1')).toEqual(['n:2']);
  expect(store.namesOf('sha256:a2')).toEqual(['n:1', 'n:3']);
  expect(store.imageNamed('n:1')).toBe('sha256:a2');
  store.unname('n:1');
  expect(store.imageNamed('n:1')).toBe(null);
});

test('the beginning of an ID finds one image, or is not clear', () => {
  store.insert(image('sha256:ab12', 'x'), [], '');
  store.insert(image('sha256:ab34', 'x'), [], '');
  expect(store.search('ab1')).toEqual(['sha256:ab12']);
  expect(store.search('ab')).toHaveLength(2);
  expect(store.search('c')).toEqual([]);
});

test('layers go when the last image that needs them goes', () => {
  store.insert(image('sha256:a1', 'base', 'one'), ['n:1'], '');
  store.insert(image('sha256:a2', 'base', 'two'), [], '');
  expect(store.sharedLayers()).toEqual(new Set(['base']));
  store.remove('sha256:a1');
  expect(store.dropUnusedLayers(() => false)).toEqual({ diffIds: ['one'], blobs: [] });
  expect(store.imageNamed('n:1')).toBe(null);
  store.remove('sha256:a2');
  expect(store.dropUnusedLayers(() => false).diffIds.sort()).toEqual(['base', 'two']);
  expect(store.layers()).toEqual([]);
});

test('a hidden image keeps its layers and comes back when it is written down again', () => {
  store.insert(image('sha256:a1', 'base'), ['n:1'], '');
  store.hide('sha256:a1');
  expect([store.count(), store.all(), store.namesOf('sha256:a1'), store.search('a')]).toEqual([
    0,
    [],
    [],
    [],
  ]);
  expect([store.hidden(), store.isVisible('sha256:a1')]).toEqual([['sha256:a1'], false]);
  expect(store.dropUnusedLayers(() => false)).toEqual({ diffIds: [], blobs: [] });
  store.insert(image('sha256:a1', 'base'), [], '');
  expect([store.count(), store.hidden()]).toEqual([1, []]);
});
