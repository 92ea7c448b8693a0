import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inChunks, listTar, makeTar } from '../storage/tar.fixture.ts';
import { LinkInTheWay } from './contextindex.ts';
import { receiveContext } from './contextspool.ts';
import { digestOf } from './digest.ts';
import { indexFinder, selectSources, treeFinder } from './select.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const base = mkdtempSync(join(tmpdir(), 'davit-context-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

let contexts = 0;
const receive = (archive: Buffer, room = 1e9) =>
  receiveContext(inChunks(archive, 700), join(base, String(contexts++)), room);
const contentsOf = async (archive: AsyncIterable<Buffer>) => {
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk);
  return listTar(Buffer.concat(chunks)).map(({ name, type, content, linkname }) => [
    name,
    type,
    content + linkname,
  ]);
};
const never = () => false;
const missing = (path: string) => new Error(`missing ${path}`) as never;

const usual = [
  { name: 'a', content: 'one', mode: 0o600 },
  { name: 'dir/', type: 'directory' as const, mode: 0o750 },
  { name: 'dir/b', content: 'x'.repeat(3000) },
  { name: 'dir/ü', type: 'symlink' as const, linkname: 'b' },
  { name: 'taken/for/granted', content: '' },
  { name: 'a', content: 'two', mode: 0o640 },
  { name: `${'long'.repeat(60)}/name`, content: 'l' },
  { name: 'link', type: 'symlink' as const, linkname: 'dir' },
];

describe.runIf(isRoot)('a context that was sent', () => {
  test('takes up no more than the room there is, whatever its bytes mean', async () => {
    const archive = await makeTar([{ name: 'a', content: 'one' }]);
    const withTail = Buffer.concat([archive, Buffer.alloc(100_000)]);
    await expect(receive(withTail, 50_000)).rejects.toMatchObject({
      kind: 'badParameter',
      message: expect.stringContaining('more than 50000 bytes'),
    });
    await (await receive(archive, 50_000)).close();
  });

  test('is the same to a build, unpacked or not', async () => {
    const context = await receive(await makeTar(usual));
    const { index } = context;
    if (!index) throw new Error('no index');
    const options = {
      ownership: false,
      excludes: (path: string) => path === 'dir/b',
      signal: AbortSignal.any([]),
    };
    for (const source of ['.', 'a', 'dir', 't*/for', '[ad]*', 'taken/for/granted']) {
      const select = { parents: false, missing };
      const known = selectSources(indexFinder(index), source, select);
      const made = selectSources(treeFinder(await context.tree()), source, select);
      expect(known.map(({ path }) => path)).toEqual(made.map(({ path }) => path));
      expect(await digestOf(known, options), source).toBe(await digestOf(made, options));
    }
    await context.close();
  });

  test('stays packed until someone needs its files', async () => {
    const context = await receive(await makeTar(usual));
    const { index } = context;
    const folder = join(base, String(contexts - 1));
    expect((await context.read('dir/b', 5000))?.length).toBe(3000);
    expect((await context.read('a', 100))?.toString()).toBe('two');
    expect(await context.read('nosuch', 100)).toBe(null);
    const dir = index?.find('dir');
    const file = index?.find('a');
    if (!dir || !file) throw new Error('missing');
    expect(await contentsOf(context.pack(dir, '', never))).toEqual([
      ['b', '0', 'x'.repeat(3000)],
      ['\xc3\xbc', '2', 'b'],
    ]);
    expect(await contentsOf(context.pack(dir, '', (path) => path === 'b'))).toHaveLength(1);
    expect(await contentsOf(context.pack(file, 'renamed', never))).toEqual([['renamed', '0', 'two']]);
    expect(() => index?.find('link/b')).toThrow(LinkInTheWay);
    expect(readdirSync(folder)).toEqual(['archive']);
    await context.remove('dir/b');
    expect(index?.find('dir/b')).toBe(null);
    const { root } = await context.tree();
    expect(readdirSync(join(root, 'dir'))).toEqual(['ü']);
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('two');
    await context.close();
  });

  test('is unpacked at once when only that shows what it means', async () => {
    const strange = [
      [...usual, { name: 'hard', type: 'link' as const, linkname: 'a' }],
      [...usual, { name: 'link/through', content: 'c' }],
      [...usual, { name: 'a/', type: 'directory' as const }],
    ];
    for (const entries of strange) {
      const context = await receive(await makeTar(entries));
      expect(context.index).toBe(null);
      expect(readdirSync((await context.tree()).root)).toContain('taken');
      await context.close();
    }
    await expect(receive(await makeTar([{ name: '../out', content: 'x' }]))).rejects.toThrow('is outside of');
    await expect(receive((await makeTar(usual)).subarray(0, 2000))).rejects.toThrow('cut short');
  });
});
