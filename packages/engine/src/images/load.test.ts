import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeTar } from '../storage/tar.fixture.ts';
import { build, digestOf, dockerArchive, ociArchive, sha256, two } from './archive.fixture.ts';
import { canUnpack, useImages } from './service.fixture.ts';

const { bench, directories, events, importTar, list, load, remove } = useImages();

describe.skipIf(!canUnpack)('images from archives (needs root on Linux)', () => {
  test('loads a docker archive whose manifest comes last', async () => {
    const image = await build(...two);
    expect(await load(await dockerArchive(image, ['busybox:latest', 'other/name:1']))).toEqual([
      { stream: 'Loaded image: busybox:latest\n' },
      { stream: 'Loaded image: other/name:1\n' },
    ]);
    expect(bench.service.inspect('busybox')).toMatchObject({
      Id: image.id,
      RepoTags: ['busybox:latest', 'other/name:1'],
      Created: '2026-01-02T03:04:05.678901234Z',
      Config: { Cmd: ['sh'], Entrypoint: null, Labels: { tier: 'test' } },
      Size: 'firstxsecond'.length,
      RootFS: { Type: 'layers', Layers: image.layers.map(digestOf) },
    });
    expect(bench.told[0]).toMatchObject({
      Action: 'load',
      Actor: { ID: image.id, Attributes: { name: image.id, tier: 'test' } },
    });
    expect(bench.service.resolve(image.id.slice(7, 15))).toEqual({
      id: image.id,
      config: { Cmd: ['sh'], Env: ['PATH=/bin'], Labels: { tier: 'test' } },
      layers: image.layers.map(digestOf),
      architecture: 'amd64',
      os: 'linux',
    });
  });

  test.each([
    ['a whole archive that is compressed', (archive: Buffer) => gzipSync(archive)],
    ['with zstd', (archive: Buffer) => zstdCompressSync(archive)],
  ])('loads %s', async (_name, pack) => {
    const image = await build(...two);
    expect(await load(pack(await dockerArchive(image, null)))).toEqual([
      { stream: `Loaded image ID: ${image.id}\n` },
    ]);
  });

  test('loads an OCI layout with compressed layers, and tells how it gets on', async () => {
    const image = await build(...two);
    const packed = { ...image, layers: image.layers.map((layer) => gzipSync(layer)) };
    const messages = await load(
      await ociArchive(packed, { 'io.containerd.image.name': 'docker.io/library/oci:1' }),
      false,
    );
    expect(messages.at(-1)).toEqual({ stream: 'Loaded image: oci:1\n' });
    const [first] = messages;
    expect(first).toMatchObject({ status: 'Loading layer', id: sha256(packed.layers[0] ?? '').slice(0, 12) });
    expect(first?.progressDetail?.current).toBe(first?.progressDetail?.total);
    expect(bench.service.resolve('oci:1').layers).toEqual(image.layers.map(digestOf));
  });

  test('chooses the platform in an OCI layout, and leaves nothing of the others', async () => {
    const built = await build(...two);
    const config = built.config.replace('amd64', 'riscv64');
    const image = { ...built, config, id: digestOf(config) };
    const archive = await ociArchive(image, { 'org.opencontainers.image.ref.name': 'latest' }, 'riscv64');
    await expect(load(archive, true, 'linux/s390x')).rejects.toThrow('no image for the platform linux/s390x');
    expect([directories('layers'), directories('work'), bench.service.count()]).toEqual([[], [], 0]);
    const wanted = JSON.stringify({ os: 'linux', architecture: 'riscv64' });
    expect(await load(archive, true, wanted)).toEqual([{ stream: `Loaded image ID: ${image.id}\n` }]);
  });

  test('refuses what does not fit together, and leaves nothing of it', async () => {
    const image = await build(...two);
    const [first = Buffer.alloc(0)] = image.layers;
    const cases: [Buffer, string][] = [
      [await dockerArchive({ ...image, layers: [first, first] }, null), 'invalid diffID for layer 1'],
      [await dockerArchive({ ...image, layers: [first] }, null), 'layers length mismatch: expected 2, got 1'],
      [await dockerArchive(image, ['UPPER:1']), 'must be lowercase'],
      [await dockerArchive({ ...image, config: '{"config":{"Env":"x"}}' }, null), 'Env'],
      [await dockerArchive({ ...image, config: image.config.replace('linux', 'windows') }, null), 'windows'],
      [await makeTar([{ name: 'etc/passwd', content: 'root' }]), 'neither manifest.json nor index.json'],
      [Buffer.from('no archive at all '.repeat(100)), 'invalid tar archive'],
      [(await dockerArchive(image, null)).subarray(0, 3000), 'invalid'],
      [Buffer.alloc(0), 'neither manifest.json'],
    ];
    for (const [archive, message] of cases) await expect(load(archive)).rejects.toThrow(message);
    expect([directories('layers'), directories('frames'), directories('work')]).toEqual([[], [], []]);
    expect(bench.service.count()).toBe(0);
  });

  test('moves a name to the image that was loaded last', async () => {
    const old = await build(...two);
    const next = await build([{ name: 'next' }]);
    await load(await dockerArchive(old, ['n:1']));
    expect(await load(await dockerArchive(next, ['n:1']))).toEqual([
      { stream: `The image n:1 already exists, renaming the old one with ID ${old.id} to empty string\n` },
      { stream: 'Loaded image: n:1\n' },
    ]);
    expect(list({ dangling: ['true'] }).map(({ Id }) => Id)).toEqual([old.id]);
    expect(list({ reference: ['n'] }).map(({ Id }) => Id)).toEqual([next.id]);
  });

  test('loads the same image many times at once, beside its removal', async () => {
    const image = await build(...two);
    const archive = await dockerArchive(image, ['n:1']);
    const attempts = Array.from({ length: 6 }, async (_, at) => {
      await load(archive);
      if (at % 2 === 0) await remove('n:1').catch(() => undefined);
    });
    await Promise.all(attempts);
    await load(archive);
    for (const diffId of bench.service.resolve('n:1').layers) expect(bench.layers.has(diffId)).toBe(true);
    expect(directories('work')).toEqual([]);
    await remove('n:1');
    expect([directories('layers'), directories('frames'), directories('work')]).toEqual([[], [], []]);
  });

  test('imports a root file system with changes', async () => {
    const archive = await makeTar([{ name: 'f', content: 'hi' }]);
    const id = await importTar(gzipSync(archive), {
      repository: 'imp',
      tag: 'v2',
      changes: ['CMD ["/f", "x"]', 'ENV A=1 B="two words"', 'EXPOSE 80', 'USER 5'],
    });
    expect(bench.service.inspect('imp:v2')).toMatchObject({
      Id: id,
      Comment: 'Imported from -',
      Config: { Cmd: ['/f', 'x'], Env: ['A=1', 'B=two words'], ExposedPorts: { '80/tcp': {} }, User: '5' },
      RootFS: { Layers: [digestOf(archive)] },
    });
    expect(events()).toEqual([`tag ${id}`, `import ${id}`]);
    expect(bench.told[0]?.Actor.Attributes.name).toBe('imp:v2');
    await expect(importTar(archive, { changes: ['NOPE x'] })).rejects.toThrow(
      'nope is not a valid change command',
    );
    await expect(importTar(archive, { repository: 'A' })).rejects.toThrow('must be lowercase');
    expect(directories('layers')).toHaveLength(1);
  });
});
