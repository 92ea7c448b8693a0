import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { setLogLevel } from '../../log.ts';
import { encodeHeader } from '../../storage/tar.ts';
import { createKnownContexts } from './contexts.ts';
import { type ListedEntry, readList, treeOf } from './list.ts';
import { createPackStore } from './packs.ts';

const base = mkdtempSync(`${tmpdir()}/davit-known-`);
afterAll(() => rmSync(base, { recursive: true }));

const digest = (letter: string) => letter.repeat(64);
const listOf = (...lines: unknown[]) =>
  readList(
    (async function* () {
      // In pieces that end anywhere.
      const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      for (let at = 0; at < text.length; at += 7) yield text.subarray(at, at + 7);
    })(),
  );

describe('the list of a context', () => {
  test('makes a tree of what it describes', async () => {
    const entries = await listOf(
      ['a', 'd', 0o755, 1000, 0, ''],
      ['a/ü', 'f', 0o4640, 1001, 3, digest('1')],
      ['b/made', 'l', 0o777, 1002, 0, '../a'],
    );
    const root = treeOf(entries, ({ value }) => {
      return { digest: Buffer.from(value, 'hex'), offset: 512, from: null, size: 3 };
    });
    expect([...root.children.keys()]).toEqual(['a', 'b']);
    const file = root.children.get('a')?.children.get('ü');
    expect(file).toMatchObject({ kind: 'file', mode: 0o4640, size: 3, offset: 512 });
    // Mode, owner and time, as a header block has them.
    expect(file?.attributes).toBe('0004640\x000000000\x000000000\x0000000001751\0');
    expect(root.children.get('b')?.children.get('made')).toMatchObject({
      kind: 'link',
      linkname: '../a',
      size: 4,
    });
  });

  test.each([
    [[['a/../../b', 'f', 420, 0, 1, digest('1')]]],
    [[['a//b', 'f', 420, 0, 1, digest('1')]]],
    [[['.', 'd', 493, 0, 0, '']]],
    [[['a\0b', 'd', 493, 0, 0, '']]],
    [[['a', 'f', 420, 0, 1.5, digest('1')]]],
    [[['a', 'f', 420, 8 ** 11, 1, digest('1')]]],
    [[['a', 'f', 420, 0, 1, digest('G')]]],
    [[['a', 'constructor', 420, 0, 1, digest('1')]]],
    [['a']],
  ])('%j is refused', async (lines) => {
    await expect(listOf(...lines)).rejects.toThrow('invalid list of a build context');
  });

  test('cannot put one thing into the place of another', () => {
    const entry = (path: string, kind: ListedEntry['kind']): ListedEntry => ({
      ...{ path, kind, mode: 0, mtime: 0, size: 0, value: '' },
    });
    const place = () => ({ digest: Buffer.alloc(32), offset: 0, from: null, size: 0 });
    for (const [first, second] of [
      [entry('a', 'file'), entry('a', 'file')],
      [entry('a', 'link'), entry('a/b', 'file')],
    ] as const)
      expect(() => treeOf([first, second], place)).toThrow('is in the way of another');
  });
});

describe('the archives of earlier contexts', () => {
  const archive = (name: string) => {
    const path = join(base, name);
    writeFileSync(path, name);
    return path;
  };

  test('are found by what is in them, also when they are opened again', async () => {
    const folder = join(base, 'packs');
    const packs = createPackStore(folder);
    expect(packs.find(digest('1'))).toBe(null);
    await packs.keep('one', archive('first'), [{ digest: digest('1'), offset: 512, size: 5 }]);
    await packs.keep('two', archive('second'), [
      { digest: digest('1'), offset: 0, size: 5 },
      { digest: digest('2'), offset: 1024, size: 6 },
    ]);
    expect(existsSync(join(base, 'first'))).toBe(false);
    for (const store of [packs, createPackStore(folder)]) {
      expect(store.find(digest('1'))?.size).toBe(5);
      expect(store.find(digest('2'))).toEqual({ pack: 'two', offset: 1024, size: 6 });
      expect([store.has('one'), store.has('three')]).toEqual([true, false]);
    }
    await packs.remove('two');
    expect(packs.find(digest('2'))).toBe(null);
    // What the archive before has as well is still here.
    expect(packs.find(digest('1'))).toEqual({ pack: 'one', offset: 512, size: 5 });
    expect(packs.has('two')).toBe(false);
    writeFileSync(join(folder, 'half.tar'), '');
    writeFileSync(join(folder, 'broken.json'), 'no list');
    const again = createPackStore(folder);
    expect(again.find(digest('1'))).toEqual({ pack: 'one', offset: 512, size: 5 });
    again.removeAllBut(new Set());
    expect(again.find(digest('1'))).toBe(null);
    expect(existsSync(join(folder, 'half.tar'))).toBe(false);
  });
});

test('an archive that may not have reached the disk before the machine went down is not used', async () => {
  const folder = join(base, 'machine');
  const packs = createPackStore(folder);
  for (const name of ['one', 'two']) {
    writeFileSync(join(base, name), name);
    const number = name === 'one' ? '1' : '2';
    await packs.keep(name, join(base, name), [{ digest: digest(number), offset: 0, size: 3 }]);
  }
  // As it is found after a power cut: with the mark of another boot.
  writeFileSync(join(`${folder}.fresh`, 'one'), 'another boot');
  rmSync(join(`${folder}.fresh`, 'two'), { force: true });
  const after = createPackStore(folder);
  expect([after.find(digest('1')), after.has('one')]).toEqual([null, false]);
  expect([after.find(digest('2'))?.pack, after.has('two')]).toEqual(['two', true]);
});

test('what is here is not copied more often than there is room for', async () => {
  const packs = createPackStore(join(base, 'many'));
  const path = join(base, 'once');
  writeFileSync(path, Buffer.alloc(1024));
  await packs.keep('one', path, [{ digest: digest('1'), offset: 0, size: 1024 }]);
  const known = createKnownContexts(packs, { put: () => undefined });
  const lines = ['a', 'b', 'c'].map((name) => [name, 'f', 0o644, 0, 1024, digest('1')]);
  async function* list() {
    for (const line of lines) yield Buffer.from(`${JSON.stringify(line)}\n`);
  }
  async function* archive() {
    yield Buffer.alloc(1024);
  }
  const leaving = new AbortController();
  const { id, missing } = await known.open(list(), leaving.signal);
  expect(missing).toEqual([]);
  const complete = (name: string, room: number) => known.find(id).complete(archive(), join(base, name), room);
  await expect(complete('small', 3000)).rejects.toThrow('is too large: with "c" it has 3072 bytes');
  const { context } = await complete('enough', 4000);
  expect(context.index?.find('c')?.size).toBe(1024);
  await context.close();
  leaving.abort();
});

test('a build does not fail because what came with it cannot be kept', async () => {
  setLogLevel('fatal');
  const folder = join(base, 'kept');
  const full = {
    put() {
      throw new Error('database or disk is full');
    },
  };
  const known = createKnownContexts(createPackStore(folder), full);
  const content = Buffer.alloc(128 * 1024, 'x');
  const value = createHash('sha256').update(content).digest('hex');
  async function* list() {
    yield Buffer.from(`${JSON.stringify(['a', 'f', 0o644, 0, content.length, value])}\n`);
  }
  async function* archive() {
    yield Buffer.concat([encodeHeader('a', '0', content.length), content, Buffer.alloc(1024)]);
  }
  const { id, missing } = await known.open(list(), new AbortController().signal);
  expect(missing).toEqual([0]);
  const { context, keep } = await known.find(id).complete(archive(), join(base, 'sent'), 1024 ** 2);
  await context.close();
  await keep();
  expect(readdirSync(folder)).toEqual([]);
});

describe('of what came with a build', () => {
  /** Sends files of these sizes; returns which were missing, and what was written down of those that are kept. */
  async function send(known: ReturnType<typeof createKnownContexts>, name: string, sizes: readonly number[]) {
    const contents = sizes.map((size, index) => Buffer.alloc(size, `${index} ${name}`));
    const hash = (content: Buffer) => createHash('sha256').update(content).digest('hex');
    async function* list() {
      for (const [index, content] of contents.entries()) {
        const line = [`f${index}`, 'f', 0o644, 0, content.length, hash(content)];
        yield Buffer.from(`${JSON.stringify(line)}\n`);
      }
    }
    const { id, missing } = await known.open(list(), new AbortController().signal);
    async function* archive() {
      for (const index of missing) {
        const content = contents[index] ?? Buffer.alloc(0);
        const padding = Buffer.alloc(-content.length & 511);
        yield Buffer.concat([encodeHeader(`f${index}`, '0', content.length), content, padding]);
      }
      yield Buffer.alloc(1024);
    }
    const folder = join(mkdtempSync(join(base, 'sent-')), 'context');
    const { context, keep } = await known.find(id).complete(archive(), folder, 1024 ** 3);
    await context.close();
    await keep();
    return missing;
  }

  test('files are kept that are not very small', async () => {
    const sizes: number[] = [];
    const store = { put: ({ size }: { size: number }) => void sizes.push(size) };
    const known = createKnownContexts(createPackStore(join(base, 'sizes')), store);
    expect(await send(known, 'a', [100_000, 4096, 4095, 1])).toEqual([0, 1, 2, 3]);
    expect(await send(known, 'a', [100_000, 4096, 4095, 1])).toEqual([2, 3]);
    // As much as is on the disk.
    expect(sizes).toEqual([5 * 512 + 1024 + 100_352 + 4096 + 4096]);
  });

  test('nothing is kept when it is mostly very small files', async () => {
    const known = createKnownContexts(createPackStore(join(base, 'tiny')), { put: () => undefined });
    const sizes = [100_000, ...Array.from({ length: 100 }, () => 1000)];
    expect(await send(known, 'b', sizes)).toHaveLength(101);
    expect(await send(known, 'b', sizes)).toHaveLength(101);
  });
});
