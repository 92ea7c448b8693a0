import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { setExtendedAttribute } from '../kernel/files.ts';
import { createLayerStore, layerName } from './layers.ts';
import { inChunks, listTar, makeTar, recordOf } from './tar.fixture.ts';

// Each starts several programs, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const root = process.platform === 'linux' && process.getuid?.() === 0;

const base = mkdtempSync(join(tmpdir(), 'davit-layers-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const diffIdOf = (archive: Buffer) => `sha256:${createHash('sha256').update(archive).digest('hex')}`;
const digestOf = (n: number) => `sha256:${createHash('sha256').update(String(n)).digest('hex')}`;

let stores = 0;
function newStore() {
  const dataRoot = join(base, `store${stores++}`);
  return {
    dataRoot,
    store: createLayerStore({ dataRoot }),
    left: () => readdirSync(join(dataRoot, 'overlay/work')),
  };
}

/** All of a directory as one archive: the same for the same files, attributes, links and times. */
function snapshot(directory: string): Buffer {
  const how = ['--sort=name', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--format=posix'];
  const rest = ['--pax-option=delete=atime,delete=ctime', '-C', directory, '.'];
  return execFileSync('tar', ['-c', ...how, ...rest], { maxBuffer: 1e9 });
}

describe('layerName', () => {
  test('is short and differs', () => {
    const names = new Set(Array.from({ length: 100 }, (_, n) => layerName(digestOf(n))));
    expect(names.size).toBe(100);
    for (const name of names) expect(name).toMatch(/^[\w-]{27}$/);
  });
  test.each(['', 'sha256:abc', '../../etc', `sha256:${'A'.repeat(64)}`])('refuses %j', (digest) => {
    expect(() => layerName(digest)).toThrow('invalid layer digest');
  });
});

describe.skipIf(!root)('createLayerStore (needs root on Linux: ownership, devices, attributes)', () => {
  const source = join(base, 'source');
  let real: Buffer;

  beforeAll(() => {
    mkdirSync(join(source, 'usr/bin'), { recursive: true });
    mkdirSync(join(source, 'usr/lib/ünïcode dir with ⛵'), { recursive: true });
    writeFileSync(join(source, 'usr/bin/tool'), 'x'.repeat(100_000), { mode: 0o755 });
    writeFileSync(join(source, `usr/lib/ünïcode dir with ⛵/${'n'.repeat(180)}`), 'long');
    writeFileSync(join(source, 'empty'), '');
    const shell = (...words: string[]) => execFileSync(words[0] ?? '', words.slice(1), { cwd: source });
    shell('ln', 'usr/bin/tool', 'usr/bin/hard');
    shell('ln', '-s', '/usr/bin/tool', 'absolute');
    shell('ln', '-s', '../usr/bin/tool', 'usr/relative');
    shell('mknod', 'null', 'c', '1', '3');
    shell('mknod', 'disk', 'b', '8', '1');
    shell('mkfifo', 'fifo');
    const sparse = openSync(join(source, 'sparse'), 'w');
    for (let at = 0; at < 30; at++) writeSync(sparse, `extent ${at}`, at * 100_000);
    closeSync(sparse);
    shell('chown', '1234:4321', 'usr/bin/tool');
    shell('chown', '-h', '4000000:70000', 'absolute');
    shell('chmod', '4711', 'usr/bin/tool');
    shell('chmod', '1777', 'usr/lib');
    shell('touch', '-d', '2001-02-03 04:05:06.789', 'empty', 'usr/bin', 'usr/lib');
    const capability = {
      pax: { 'SCHILY.xattr.security.capability': '\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0' },
    };
    return makeTar([{ name: 'ping', content: 'p', mode: 0o755, ...capability, mtime: new Date(1e12) }]).then(
      (tar) => {
        execFileSync('tar', ['-x', '--xattrs', '--xattrs-include=*', '-C', source], { input: tar });
        real = snapshot(source);
      },
    );
  });

  test('restores ownership, modes, times, links, devices and attributes', async () => {
    const { store, left } = newStore();
    const layer = await store.unpack(inChunks(real), diffIdOf(real));
    expect(layer).toEqual({ diffId: diffIdOf(real), size: expect.any(Number) });
    expect(snapshot(store.path(layer.diffId)).equals(real)).toBe(true);
    const ping = listTar(snapshot(store.path(layer.diffId))).find(({ name }) => name === './ping');
    expect(recordOf(ping?.records ?? [], 'SCHILY.xattr.security.capability')?.length).toBe(20);
    expect(left()).toEqual([]);
  });

  test.each(['--format=gnu', '--format=ustar', '--format=gnu -S', '--format=posix -S'])(
    'reads tar %s',
    async (how) => {
      const names = how.includes('ustar') ? ['usr/bin', 'sparse', 'null'] : ['.'];
      const args = ['-c', ...how.split(' '), '--numeric-owner', '-C', source, ...names];
      const archive = execFileSync('tar', args, { maxBuffer: 1e9 });
      const { store } = newStore();
      const { diffId } = await store.unpack(inChunks(archive, 10_000));
      for (const name of ['usr/bin/tool', 'sparse'])
        expect(readFileSync(join(store.path(diffId), name)).equals(readFileSync(join(source, name)))).toBe(
          true,
        );
      expect(lstatSync(join(store.path(diffId), 'null')).rdev).toBe(0x103);
    },
  );

  test.each(['gzip', 'zstd', 'xz', 'bzip2'])('unpacks %s', async (program) => {
    const packed = execFileSync(program, ['-c'], { input: real, maxBuffer: 1e9 });
    const { store, left } = newStore();
    expect((await store.unpack(inChunks(packed))).diffId).toBe(diffIdOf(real));
    await expect(store.unpack(inChunks(packed.subarray(0, packed.length / 2)))).rejects.toThrow(
      /broken|cut short/,
    );
    expect(left()).toEqual([]);
  });

  test('translates whiteouts and opaque directories', async () => {
    const { store } = newStore();
    const archive = await makeTar([
      { name: 'd', type: 'directory', mode: 0o2750, uid: 5, gid: 6 },
      { name: 'd/.wh..wh..opq' },
      { name: 'd/new', content: 'n' },
      { name: 'e/f/.wh.gone' },
      { name: 'e/f/.wh..wh..opq' },
    ]);
    const { diffId } = await store.unpack(inChunks(archive));
    const gone = lstatSync(join(store.path(diffId), 'e/f/gone'));
    expect([gone.isCharacterDevice(), gone.rdev]).toEqual([true, 0]);
    const listed = listTar(snapshot(store.path(diffId)));
    const opaque = listed.filter(
      ({ records }) => recordOf(records, 'SCHILY.xattr.trusted.overlay.opaque') === 'y',
    );
    expect(opaque.map(({ name }) => name)).toEqual(['./d/', './e/f/']);
    const d = lstatSync(join(store.path(diffId), 'd'));
    expect([d.mode & 0o7777, d.uid, d.gid, d.mtimeMs]).toEqual([0o2750, 5, 6, 1e12]);
  });

  describe('lets nothing escape', () => {
    const outside = join(base, 'outside');
    const far = '../'.repeat(20) + outside.slice(1);
    const link = (name: string, linkname: string) => ({ name, type: 'symlink' as const, linkname });
    const file = (name: string) => ({ name, content: 'evil' });
    const cases: [string, Parameters<typeof makeTar>[0]][] = [
      ['a file through an absolute link', [link('a', outside), file('a/victim')]],
      ['a file through a relative link', [link('a', far), file('a/victim')]],
      ['a file through a chain of links', [link('a', far), link('b', 'a'), link('c', 'b'), file('c/victim')]],
      ['a file in place of a link', [link('a', `${outside}/victim`), file('a')]],
      [
        'a directory in place of a link',
        [link('a', outside), { name: 'a', type: 'directory', mode: 0o777 }, file('a/new')],
      ],
      ['a directory through a link', [link('a', outside), { name: 'a/new', type: 'directory', mode: 0o777 }]],
      [
        'a hard link through a link',
        [link('a', outside), { name: 'b', type: 'link', linkname: 'a/victim' }, file('b')],
      ],
      [
        'a hard link to a link',
        [link('a', `${outside}/victim`), { name: 'b', type: 'link', linkname: 'a' }, file('b')],
      ],
      ['a whiteout through a link', [link('a', outside), file('a/.wh.victim')]],
      ['an opaque mark on a link', [link('a', outside), file('a/.wh..wh..opq')]],
      ['an opaque mark through a link', [link('a', outside), file('a/sub/.wh..wh..opq')]],
      ['a link to a link that changes', [link('a', '.'), link('a/b', far), link('a', 'b'), file('a/victim')]],
      [
        'a device through a link',
        [link('a', outside), { name: 'a/null', type: 'character-device', devmajor: 1, devminor: 3 }],
      ],
    ];

    test.each(cases)('%s', async (_name, entries) => {
      rmSync(outside, { recursive: true, force: true });
      mkdirSync(join(outside, 'sub'), { recursive: true, mode: 0o700 });
      writeFileSync(join(outside, 'victim'), 'untouched');
      const before = snapshot(outside);
      const { store, left } = newStore();
      const archive = await makeTar(entries);
      await store.unpack(inChunks(archive)).then(
        ({ diffId }) => expect(store.has(diffId)).toBe(true),
        () => expect(store.has(diffIdOf(archive))).toBe(false),
      );
      expect(snapshot(outside).equals(before)).toBe(true);
      expect(lstatSync(join(outside, 'victim')).nlink).toBe(1);
      expect(left()).toEqual([]);
    });
  });

  test('leaves nothing of a layer that is cut short, damaged, or not the expected one', async () => {
    const { store, dataRoot, left } = newStore();
    const damaged = Buffer.from(real);
    damaged[100] = 1;
    await expect(store.unpack(inChunks(real.subarray(0, 60_000)))).rejects.toThrow('cut short');
    await expect(store.unpack(inChunks(damaged))).rejects.toThrow('checksum');
    await expect(store.unpack(inChunks(real), digestOf(1))).rejects.toThrow(`expected ${digestOf(1)}`);
    async function* failing() {
      yield real.subarray(0, 1000);
      throw new Error('the connection is gone');
    }
    await expect(store.unpack(failing())).rejects.toThrow('the connection is gone');
    expect(left()).toEqual([]);
    expect(readdirSync(join(dataRoot, 'overlay/layers'))).toEqual([]);
    expect(readdirSync(join(dataRoot, 'overlay/frames'))).toEqual([]);
  });

  test('keeps with a layer what it takes to make the same tar again', async () => {
    const { store } = newStore();
    const whiteouts = await makeTar([
      { name: 'a/f', content: 'kept in the directory' },
      { name: 'a/.wh.b' },
      { name: '.wh..wh.plnk/1', content: 'kept in the frame' },
      { name: '.wh..wh..opq' },
    ]);
    const sparse = execFileSync('tar', ['-c', '--format=posix', '-S', '-C', source, 'sparse', 'empty']);
    for (const archive of [real, whiteouts, sparse]) {
      const { diffId } = await store.unpack(inChunks(archive));
      const again: Buffer[] = [];
      for await (const piece of store.tar(diffId)) again.push(piece);
      expect(Buffer.concat(again).equals(archive)).toBe(true);
      expect(await store.tarSize(diffId)).toBe(archive.length);
    }
  });

  test('does not make a tar of files that have changed', async () => {
    const { store } = newStore();
    const archive = await makeTar([{ name: 'a/f', content: 'first' }]);
    const read = async (diffId: string) => {
      for await (const _ of store.tar(diffId));
    };
    const { diffId } = await store.unpack(inChunks(archive));
    const file = join(store.path(diffId), 'a/f');
    writeFileSync(file, 'other');
    await expect(read(diffId)).rejects.toThrow('is not what it was');
    writeFileSync(file, 'longer than before');
    await expect(read(diffId)).rejects.toThrow('is not what it was');
    rmSync(join(store.path(diffId), 'a'), { recursive: true });
    mkdirSync(join(base, 'elsewhere'));
    writeFileSync(join(base, 'elsewhere/f'), 'first');
    symlinkSync(join(base, 'elsewhere'), join(store.path(diffId), 'a'));
    await expect(read(diffId)).rejects.toThrow('cannot read the layer');
  });

  test('unpacks the same layer twice at once', async () => {
    const { store, left } = newStore();
    const both = await Promise.all([store.unpack(inChunks(real)), store.unpack(inChunks(real))]);
    expect(both[0]).toEqual(both[1]);
    expect(snapshot(store.path(both[0].diffId)).equals(real)).toBe(true);
    expect(left()).toEqual([]);
  });

  test('does not remove what someone holds', async () => {
    const { store } = newStore();
    const { diffId } = await store.unpack(inChunks(real));
    expect(store.hold(diffId)).toBe(true);
    store.release(diffId);
    expect(store.remove(diffId).removed).toBe(false);
    store.release(diffId);
    const { removed, done } = store.remove(diffId);
    expect(removed).toBe(true);
    expect(store.has(diffId)).toBe(false);
    expect(store.hold(diffId)).toBe(false);
    await done;
  });

  test('throws away what a crash has left', async () => {
    const { store, dataRoot, left } = newStore();
    const kept = await store.unpack(inChunks(real));
    const lost = await store.unpack(inChunks(await makeTar([{ name: 'lost' }])));
    mkdirSync(join(dataRoot, 'overlay/work/half/root'), { recursive: true });
    const again = createLayerStore({ dataRoot });
    again.removeAllBut([kept.diffId]);
    expect([again.has(kept.diffId), again.has(lost.diffId)]).toEqual([true, false]);
    await expect.poll(left).toEqual([]);
  });
});

describe.runIf(root)('a directory that overlayfs has written', () => {
  test('becomes a layer as it is, the same as one that is unpacked of its tar', async () => {
    const { store, dataRoot, left } = newStore();
    const upper = join(dataRoot, 'upper');
    mkdirSync(join(upper, 'dir'), { recursive: true });
    writeFileSync(join(upper, 'dir/file'), 'content', { mode: 0o640 });
    symlinkSync('/elsewhere', join(upper, 'link'));
    execFileSync('ln', [join(upper, 'dir/file'), join(upper, 'same')]);
    execFileSync('mknod', [join(upper, 'gone'), 'c', '0', '0']);
    for (const name of ['opaque', 'impure'])
      setExtendedAttribute(join(upper, 'dir'), `trusted.overlay.${name}`, 'y');
    const server = createServer().listen(join(upper, 'sock'));
    await once(server, 'listening');
    const layer = await store.adopt(upper);
    server.close();
    expect(readdirSync(upper)).toEqual([]);
    expect(await store.adopt(upper)).toBe(null);
    if (!layer) throw new Error('no layer');
    expect(layer.size).toBe(17);
    const chunks: Buffer[] = [];
    for await (const chunk of store.tar(layer.diffId)) chunks.push(chunk);
    const other = newStore();
    const again = await other.store.unpack(inChunks(Buffer.concat(chunks), 1000));
    expect(again).toEqual(layer);
    const names = (path: string) => readdirSync(path, { recursive: true }).sort();
    expect(names(store.path(layer.diffId))).toEqual(['dir', 'dir/file', 'gone', 'link', 'same']);
    expect(names(other.store.path(layer.diffId))).toEqual(names(store.path(layer.diffId)));
    expect(lstatSync(join(store.path(layer.diffId), 'gone')).isCharacterDevice()).toBe(true);
    expect(left()).toEqual([]);
  });
});
