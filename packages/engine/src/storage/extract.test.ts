import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ExtractOptions, extract } from './extract.ts';
import type { Mounted } from './hold.ts';
import { inChunks, makeTar } from './tar.fixture.ts';

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
let home: string;
let root: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'davit-extract-'));
  root = join(home, 'root');
  for (const name of ['root/tmp', 'root/etc', 'outside', 'volume'])
    mkdirSync(join(home, name), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true }));

const inside = (...names: string[]) => join(root, ...names);

async function unpack(
  entries: Parameters<typeof makeTar>[0],
  {
    directory = '/tmp',
    mounts = [],
    chunk = 64 * 1024,
    ...options
  }: Partial<ExtractOptions> & { directory?: string; mounts?: Mounted[]; chunk?: number } = {},
): Promise<void> {
  const archive = inChunks(await makeTar(entries), chunk);
  await extract({ root, mounts }, directory, archive, {
    ...{ keepKinds: false, owner: null, readOnly: false },
    ...options,
  });
}

describe.skipIf(!isRoot)('unpacking into the root of a container (needs root on Linux)', () => {
  test.each([64 * 1024, 333])('restores owners, modes, times and links, in chunks of %i', async (chunk) => {
    const mtime = new Date(1_000_000_000_000);
    const content = 'x'.repeat(70_000);
    await unpack(
      [
        { name: 'd/', type: 'directory', mode: 0o1751, uid: 11, gid: 12, mtime },
        { name: 'd/f', content, mode: 0o4755, uid: 21, gid: 22, mtime },
        { name: 'd/hard', type: 'link', linkname: 'd/f' },
        { name: 'd/soft', type: 'symlink', linkname: '../../etc', uid: 31, gid: 32, mtime },
        { name: 'd/pipe', type: 'fifo', mode: 0o600, uid: 1, gid: 2, mtime },
        { name: 'd/null', type: 'character-device', devmajor: 1, devminor: 3, mode: 0o666 },
      ],
      { chunk },
    );
    expect(readFileSync(inside('tmp/d/f'), 'utf8')).toBe(content);
    const file = statSync(inside('tmp/d/f'));
    expect([file.mode & 0o7777, file.uid, file.gid, file.mtimeMs, file.nlink]).toEqual([
      0o4755,
      21,
      22,
      mtime.getTime(),
      2,
    ]);
    const folder = statSync(inside('tmp/d'));
    expect([folder.mode & 0o7777, folder.uid, folder.mtimeMs]).toEqual([0o1751, 11, mtime.getTime()]);
    expect(readlinkSync(inside('tmp/d/soft'))).toBe('../../etc');
    expect(lstatSync(inside('tmp/d/soft')).uid).toBe(31);
    expect(lstatSync(inside('tmp/d/pipe')).isFIFO()).toBe(true);
    expect(lstatSync(inside('tmp/d/null')).rdev).toBe(0x103);
  });

  test('leaves no descriptor open, whether it works or not', async () => {
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    await unpack([{ name: 'a/b/c', content: 'x' }]);
    await expect(unpack([{ name: 'a/b/d', content: 'x' }, { name: '../x' }])).rejects.toThrow(
      'is outside of',
    );
    expect(open()).toBe(before);
  });

  test('CVE-2018-15664: no link in the container leads out, wherever it is', async () => {
    symlinkSync(join(home, 'outside'), inside('tmp/absolute'));
    symlinkSync('../../../outside', inside('tmp/relative'));
    await unpack([
      { name: 'absolute/one', content: 'x' },
      { name: 'relative/two', content: 'x' },
    ]);
    expect(readdirSync(join(home, 'outside'))).toEqual([]);
    expect(existsSync(inside(home, 'outside/one'))).toBe(true);
    expect(existsSync(inside('outside/two'))).toBe(true);
  });

  test('a link that the archive brings along does not lead out either', async () => {
    await unpack([
      { name: 'link', type: 'symlink', linkname: join(home, 'outside') },
      { name: 'link/file', content: 'x' },
      { name: 'other', type: 'symlink', linkname: '../etc/made' },
      { name: 'other', content: 'instead of the link' },
    ]);
    expect(readdirSync(join(home, 'outside'))).toEqual([]);
    expect(readFileSync(inside('tmp/other'), 'utf8')).toBe('instead of the link');
    expect(existsSync(inside('etc/made'))).toBe(false);
  });

  test('a hard link reaches no file outside', async () => {
    writeFileSync(join(home, 'outside/secret'), 'x');
    symlinkSync(join(home, 'outside'), inside('tmp/out'));
    await expect(unpack([{ name: 'mine', type: 'link', linkname: 'out/secret' }])).rejects.toThrow(
      'no such file or directory',
    );
  });

  test('replaces files and folders, unless they are to keep their kinds', async () => {
    mkdirSync(inside('tmp/name/full/of'), { recursive: true });
    writeFileSync(inside('tmp/name/full/of/files'), 'x');
    await expect(unpack([{ name: 'name', content: 'x' }], { keepKinds: true })).rejects.toThrow(
      'cannot overwrite directory "/tmp/name" with non-directory "/tmp"',
    );
    await unpack([{ name: 'name', content: 'a file' }]);
    expect(readFileSync(inside('tmp/name'), 'utf8')).toBe('a file');
    await expect(unpack([{ name: 'name/', type: 'directory' }], { keepKinds: true })).rejects.toThrow(
      'cannot overwrite non-directory "/tmp/name" with directory "/tmp"',
    );
  });

  test('writes into what is mounted, and not into what is read-only', async () => {
    const source = join(home, 'volume');
    const mounts = [{ destination: '/tmp/data', source, readOnly: false }];
    await unpack([{ name: 'data/file', content: 'x' }], { mounts });
    expect(readFileSync(join(source, 'file'), 'utf8')).toBe('x');
    const readOnly = [{ destination: '/tmp/data', source, readOnly: true }];
    await expect(unpack([{ name: 'data/new/file', content: 'x' }], { mounts: readOnly })).rejects.toThrow(
      'mounted volume is marked read-only',
    );
    expect(readdirSync(source)).toEqual(['file']);
    await expect(unpack([{ name: 'x', content: 'x' }], { readOnly: true })).rejects.toThrow(
      'container rootfs is marked read-only',
    );
    await unpack([{ name: 'data/second', content: 'x' }], { mounts, readOnly: true });
  });

  test('keeps what others are mounted on, and what the kernel is', async () => {
    const mounts = [{ destination: '/tmp/a/data', source: join(home, 'volume'), readOnly: false }];
    mkdirSync(inside('tmp/a/data'), { recursive: true });
    mkdirSync(inside('proc'));
    await expect(unpack([{ name: 'a', content: 'x' }], { mounts })).rejects.toThrow(
      'unlinkat /tmp/a: device or resource busy',
    );
    await expect(unpack([{ name: 'proc', content: 'x' }], { directory: '/' })).rejects.toThrow('busy');
  });

  test('a hard link from a read-only mount to its neighbour is refused', async () => {
    for (const name of ['ro', 'rw']) mkdirSync(join(home, name));
    writeFileSync(join(home, 'ro/file'), 'x');
    const mounts = [
      { destination: '/tmp/ro', source: join(home, 'ro'), readOnly: true },
      { destination: '/tmp/rw', source: join(home, 'rw'), readOnly: false },
    ];
    await expect(
      unpack([{ name: 'rw/link', type: 'link', linkname: 'ro/file' }], { mounts }),
    ).rejects.toThrow('invalid cross-device link');
  });

  test('gives all to one owner when it is told to', async () => {
    await unpack([{ name: 'f', content: 'x', uid: 5, gid: 6 }], { owner: { uid: 33, gid: 34 } });
    const { uid, gid } = statSync(inside('tmp/f'));
    expect([uid, gid]).toEqual([33, 34]);
  });
});
