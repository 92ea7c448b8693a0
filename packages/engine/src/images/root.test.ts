import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createRootStore } from '../storage/overlay.ts';
import { build, digestOf, dockerArchive, sha256, two } from './archive.fixture.ts';
import { canUnpack, useImages } from './service.fixture.ts';

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
const { bench, load } = useImages();

describe.skipIf(!canUnpack)('the root of a container of an image (needs root on Linux)', () => {
  test.skipIf(!busybox)('mounts the root of an image made of busybox', async () => {
    const source = join(bench.dataRoot, 'source');
    mkdirSync(join(source, 'bin'), { recursive: true });
    copyFileSync(busybox ?? '', join(source, 'bin/busybox'));
    for (const name of ['sh', 'cat', 'id']) execFileSync('ln', ['-s', 'busybox', join(source, 'bin', name)]);
    execFileSync('chown', ['-R', '0:0', source]);
    const layer = execFileSync('tar', ['-c', '-C', source, '.'], { maxBuffer: 1e9 });
    const image = await build(...two);
    const config = image.config.replace('"diff_ids":[', `"diff_ids":["${digestOf(layer)}",`);
    const archive = await dockerArchive({ id: digestOf(config), config, layers: [layer, ...image.layers] }, [
      'bb:1',
    ]);
    await load(gzipSync(archive, { level: 1 }));

    const store = createRootStore({ dataRoot: bench.dataRoot });
    await store.create('c1');
    const merged = await store.mount('c1', bench.service.resolve('bb:1').layers);
    try {
      expect(
        execFileSync('chroot', [
          merged,
          '/bin/sh',
          '-c',
          'id -u; cat /bin/a /bin/b; echo new >/etc/made',
        ]).toString(),
      ).toBe('0\nfirstsecond');
      expect(existsSync(join(merged, 'bin/gone'))).toBe(false);
      for (const name of [
        'proc',
        'sys',
        'dev/pts',
        'dev/shm',
        'etc/hosts',
        'etc/hostname',
        'etc/resolv.conf',
        '.dockerenv',
      ])
        expect(existsSync(join(merged, name))).toBe(true);
      const { UpperDir = '' } = store.describe('c1', []);
      expect(readFileSync(join(UpperDir, 'etc/made'), 'utf8')).toBe('new\n');
      expect(readdirSync(UpperDir)).toEqual(['etc']);
    } finally {
      await store.unmount('c1');
    }
    await store.unmount('c1');
    expect(readdirSync(merged)).toEqual([]);
    await store.remove('c1');
    await store.remove('c1');
    expect(existsSync(merged)).toBe(false);
  });

  test('mounts more than a hundred layers, some of them twice', async () => {
    const ids = Array.from({ length: 125 }, (_, at) => digestOf(`layer ${at}`));
    for (const [at, id] of ids.entries()) {
      mkdirSync(bench.layers.path(id));
      writeFileSync(join(bench.layers.path(id), `file${at}`), '');
      writeFileSync(join(bench.layers.path(id), 'same'), `${at}`);
    }
    const store = createRootStore({ dataRoot: bench.dataRoot });
    const containerId = sha256('container');
    await store.create(containerId);
    const merged = await store.mount(containerId, [...ids, ids[3] ?? '']);
    try {
      expect(readdirSync(merged).filter((name) => name.startsWith('file'))).toHaveLength(125);
      expect(readFileSync(join(merged, 'same'), 'utf8')).toBe('3');
      writeFileSync(join(merged, 'file7'), 'changed');
    } finally {
      await store.remove(containerId);
    }
    expect(lstatSync(join(bench.layers.path(ids[7] ?? ''), 'file7')).size).toBe(0);
    expect(existsSync(merged)).toBe(false);
  });
});
