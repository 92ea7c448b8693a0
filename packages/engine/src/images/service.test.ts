import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { EventMessage, ProgressMessage } from '@davit/api';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEventBus } from '../events/bus.ts';
import { type Database, openDatabase } from '../state/database.ts';
import { schema } from '../state/images.ts';
import { createLayerStore, type LayerStore } from '../storage/layers.ts';
import { createRootStore } from '../storage/overlay.ts';
import { inChunks, makeTar } from '../storage/tar.fixture.ts';
import type { ImageUser } from './remove.ts';
import { createImageService, type ImageService } from './service.ts';

// Each starts several programs, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const root = process.platform === 'linux' && process.getuid?.() === 0;
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));

const base = mkdtempSync(join(tmpdir(), 'davit-images-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
const digestOf = (data: Buffer | string) => `sha256:${sha256(data)}`;

type Entry = Parameters<typeof makeTar>[0][number];

interface Built {
  id: string;
  config: string;
  layers: Buffer[];
}

/** An image with a layer for each list of entries. */
async function build(...layers: Entry[][]): Promise<Built> {
  const tars = await Promise.all(layers.map(makeTar));
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-02T03:04:05.678901234Z',
    config: { Cmd: ['sh'], Env: ['PATH=/bin'], Labels: { tier: 'test' } },
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
  });
  return { id: digestOf(config), config, layers: tars };
}

/** As `docker save` wrote it until docker 24; its manifest comes last. */
function dockerArchive({ config, layers }: Built, RepoTags: string[] | null): Promise<Buffer> {
  const named = layers.map((content, at) => ({ name: `${at}${sha256('v1').slice(1)}/layer.tar`, content }));
  const manifest = [{ Config: `${sha256(config)}.json`, RepoTags, Layers: named.map(({ name }) => name) }];
  return makeTar([
    ...named,
    { name: `${sha256(config)}.json`, content: config },
    { name: 'manifest.json', content: JSON.stringify(manifest) },
  ]);
}

const ociType = 'application/vnd.oci.image';

/** An OCI layout with an index inside of its index, as builders write it. */
function ociArchive({ config, layers }: Built, annotations: Record<string, string>, platform = 'amd64') {
  const manifest = JSON.stringify({
    mediaType: `${ociType}.manifest.v1+json`,
    config: { digest: digestOf(config) },
    layers: layers.map((layer) => ({ digest: digestOf(layer) })),
  });
  const attestation = JSON.stringify({ config: {}, layers: [] });
  const index = JSON.stringify({
    manifests: [
      { digest: digestOf(attestation), platform: { os: 'unknown', architecture: 'unknown' } },
      { digest: digestOf(manifest), platform: { os: 'linux', architecture: platform } },
    ],
  });
  const top = {
    manifests: [{ mediaType: `${ociType}.index.v1+json`, digest: digestOf(index), annotations }],
  };
  const blobs = [config, manifest, attestation, index, ...layers];
  return makeTar([
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: JSON.stringify(top) },
    ...blobs.map((content) => ({ name: `blobs/sha256/${sha256(content)}`, content })),
  ]);
}

describe.skipIf(!root)('createImageService (needs root on Linux: it unpacks layers)', () => {
  let database: Database;
  let layers: LayerStore;
  let service: ImageService;
  let users: (ImageUser & { imageId: string })[];
  let told: EventMessage[];
  let dataRoot: string;
  let roots = 0;
  const bus = createEventBus();
  bus.subscribe((event) => told.push(event));

  beforeEach(() => {
    dataRoot = join(base, `root${roots++}`);
    mkdirSync(dataRoot);
    database = openDatabase(':memory:', [schema]);
    layers = createLayerStore({ dataRoot });
    users = [];
    told = [];
    const containersUsing = (imageId: string) => users.filter((user) => user.imageId === imageId);
    service = createImageService({ database, layers, events: bus, containersUsing });
  });
  afterEach(() => database.close());

  const directories = (name: string) => readdirSync(join(dataRoot, 'overlay', name));
  const events = () => told.map(({ Action, id }) => `${Action} ${id}`);
  const list = (filters: Record<string, string[]> = {}) =>
    service.list({ all: false, filters, sharedSize: false });
  const remove = (name: string, force = false) => service.remove(name, { force, noprune: false });

  async function load(archive: Buffer, quiet = true, platform = ''): Promise<ProgressMessage[]> {
    const messages: ProgressMessage[] = [];
    await service.load(inChunks(archive), { quiet, platform }, async (message) => {
      messages.push(message);
    });
    return messages;
  }

  async function importTar(
    archive: Buffer,
    options: { repository?: string; tag?: string; changes?: string[] } = {},
  ) {
    const messages: ProgressMessage[] = [];
    const all = { repository: '', tag: '', message: '', changes: [], platform: '', ...options };
    await service.import(inChunks(archive), all, async (message) => {
      messages.push(message);
    });
    return messages[0]?.status ?? '';
  }

  const two: Entry[][] = [
    [
      { name: 'bin', type: 'directory' },
      { name: 'bin/a', content: 'first' },
      { name: 'bin/gone', content: 'x' },
    ],
    [{ name: 'bin/.wh.gone' }, { name: 'bin/b', content: 'second' }],
  ];

  test('loads a docker archive whose manifest comes last', async () => {
    const image = await build(...two);
    expect(await load(await dockerArchive(image, ['busybox:latest', 'other/name:1']))).toEqual([
      { stream: 'Loaded image: busybox:latest\n' },
      { stream: 'Loaded image: other/name:1\n' },
    ]);
    expect(service.inspect('busybox')).toMatchObject({
      Id: image.id,
      RepoTags: ['busybox:latest', 'other/name:1'],
      Created: '2026-01-02T03:04:05.678901234Z',
      Config: { Cmd: ['sh'], Entrypoint: null, Labels: { tier: 'test' } },
      Size: 'firstxsecond'.length,
      RootFS: { Type: 'layers', Layers: image.layers.map(digestOf) },
    });
    expect(told[0]).toMatchObject({
      Action: 'load',
      Actor: { ID: image.id, Attributes: { name: image.id, tier: 'test' } },
    });
    expect(service.resolve(image.id.slice(7, 15))).toEqual({
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
    expect(service.resolve('oci:1').layers).toEqual(image.layers.map(digestOf));
  });

  test('chooses the platform in an OCI layout, and leaves nothing of the others', async () => {
    const built = await build(...two);
    const config = built.config.replace('amd64', 'riscv64');
    const image = { ...built, config, id: digestOf(config) };
    const archive = await ociArchive(image, { 'org.opencontainers.image.ref.name': 'latest' }, 'riscv64');
    await expect(load(archive, true, 'linux/s390x')).rejects.toThrow('no image for the platform linux/s390x');
    expect([directories('layers'), directories('work'), service.count()]).toEqual([[], [], 0]);
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
      [Buffer.from('no archive at all '.repeat(100)), 'invalid image archive'],
      [(await dockerArchive(image, null)).subarray(0, 3000), 'invalid'],
      [Buffer.alloc(0), 'neither manifest.json'],
    ];
    for (const [archive, message] of cases) await expect(load(archive)).rejects.toThrow(message);
    expect([directories('layers'), directories('frames'), directories('work')]).toEqual([[], [], []]);
    expect(service.count()).toBe(0);
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
    for (const diffId of service.resolve('n:1').layers) expect(layers.has(diffId)).toBe(true);
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
    expect(service.inspect('imp:v2')).toMatchObject({
      Id: id,
      Comment: 'Imported from -',
      Config: { Cmd: ['/f', 'x'], Env: ['A=1', 'B=two words'], ExposedPorts: { '80/tcp': {} }, User: '5' },
      RootFS: { Layers: [digestOf(archive)] },
    });
    expect(events()).toEqual([`tag ${id}`, `import ${id}`]);
    expect(told[0]?.Actor.Attributes.name).toBe('imp:v2');
    await expect(importTar(archive, { changes: ['NOPE x'] })).rejects.toThrow(
      'nope is not a valid change command',
    );
    await expect(importTar(archive, { repository: 'A' })).rejects.toThrow('must be lowercase');
    expect(directories('layers')).toHaveLength(1);
  });

  describe('remove', () => {
    let id: string;
    let short: string;
    beforeEach(async () => {
      const image = await build(...two);
      id = image.id;
      short = id.slice(7, 19);
      await load(await dockerArchive(image, ['a:1', 'b:1']));
      told = [];
    });
    const use = (running: boolean) => users.push({ id: '0123456789abcdef', running, imageId: id });

    test('takes names away, and the image with the last', async () => {
      expect(await remove('a:1')).toEqual([{ Untagged: 'a:1' }]);
      const done = await remove('b:1');
      expect(done.slice(0, 2)).toEqual([{ Untagged: 'b:1' }, { Deleted: id }]);
      expect(done).toHaveLength(4);
      expect(events()).toEqual([`untag ${id}`, `untag ${id}`, `delete ${id}`]);
      expect([directories('layers'), directories('frames'), service.count()]).toEqual([[], [], 0]);
      await expect(remove('b:1')).rejects.toThrow('No such image: b:1');
    });

    test('by ID needs force when there are names in several repositories', async () => {
      await expect(remove(short)).rejects.toThrow(
        `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
      );
      expect((await remove(short, true)).slice(0, 3)).toEqual([
        { Untagged: 'a:1' },
        { Untagged: 'b:1' },
        { Deleted: id },
      ]);
    });

    test('never deletes what a running container uses', async () => {
      use(true);
      expect(await remove('a:1')).toEqual([{ Untagged: 'a:1' }]);
      await expect(remove('b:1')).rejects.toThrow(
        `conflict: unable to remove repository reference "b:1" (must force) - container 0123456789ab is using its referenced image ${short}`,
      );
      for (const force of [false, true])
        await expect(remove(short, force)).rejects.toThrow(
          `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container 0123456789ab`,
        );
      expect(await remove('b:1', true)).toEqual([{ Untagged: 'b:1' }]);
      expect(list()).toMatchObject([{ Id: id, RepoTags: [] }]);
    });

    test('keeps the layers of what was removed by force until its last container is gone', async () => {
      use(false);
      await remove('a:1');
      await expect(remove(short)).rejects.toThrow(
        `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container 0123456789ab`,
      );
      expect(await remove(short, true)).toEqual([{ Untagged: 'b:1' }, { Deleted: id }]);
      expect(service.count()).toBe(0);
      expect(() => service.inspect(id)).toThrow(`No such image: ${id}`);
      expect(directories('layers')).toHaveLength(2);
      users = [];
      bus.publish('container', 'destroy', '0123456789abcdef');
      await expect.poll(() => [...directories('layers'), ...directories('work')]).toEqual([]);
    });
  });

  test('finds images by every kind of name, and says what is missing in docker words', async () => {
    const image = await build(...two);
    await load(await dockerArchive(image, ['a:1', '127.0.0.1:5000/x/y:z']));
    const hex = image.id.slice(7);
    for (const name of [
      'a:1',
      'docker.io/library/a:1',
      '127.0.0.1:5000/x/y:z',
      hex,
      image.id,
      hex.slice(0, 3),
      image.id.slice(0, 15),
    ])
      expect(service.inspect(name).Id).toBe(image.id);
    const absent = sha256('absent');
    for (const [name, shown] of [
      ['a', 'a:latest'],
      ['a:2', 'a:2'],
      ['127.0.0.1:5000/x/y', '127.0.0.1:5000/x/y:latest'],
      [absent, `sha256:${absent}`],
    ] as const)
      expect(() => service.resolve(name)).toThrow(
        expect.objectContaining({ kind: 'notFound', message: `No such image: ${shown}` }),
      );
    expect(() => service.resolve('a b')).toThrow('invalid reference format');
  });

  test('lists by filters', async () => {
    await load(await dockerArchive(await build(...two), ['a:1', 'a:2', 'user/b:1']));
    const other = await importTar(await makeTar([{ name: 'x' }]), { changes: ['LABEL tier=other'] });
    const tags = (filters: Record<string, string[]>) =>
      list(filters).map(({ RepoTags }) => RepoTags.join(' '));
    expect(tags({})).toEqual(['', 'a:1 a:2 user/b:1']);
    expect(tags({ reference: ['a'] })).toEqual(['a:1 a:2']);
    expect(tags({ reference: ['*:1'] })).toEqual(['a:1']);
    expect(tags({ reference: ['*/*:1', 'a:2'] })).toEqual(['a:2 user/b:1']);
    expect(tags({ label: ['tier'] })).toHaveLength(2);
    expect(tags({ label: ['tier=other'] })).toEqual(['']);
    expect(tags({ dangling: ['false'] })).toHaveLength(1);
    expect(tags({ before: [other] })).toEqual(['a:1 a:2 user/b:1']);
    expect(tags({ since: ['a:1'] })).toEqual(['']);
    expect(tags({ until: ['2026-01-03'] })).toEqual(['a:1 a:2 user/b:1']);
    expect(() => list({ nope: ['x'] })).toThrow("invalid filter 'nope'");
    expect(() => list({ dangling: ['maybe'] })).toThrow("invalid filter 'dangling=[maybe]'");
    expect(() => list({ since: ['nosuch'] })).toThrow('No such image: nosuch:latest');
  });

  test.skipIf(!busybox)('mounts the root of an image made of busybox', async () => {
    const source = join(dataRoot, 'source');
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

    const store = createRootStore({ dataRoot });
    await store.create('c1');
    const merged = await store.mount('c1', service.resolve('bb:1').layers);
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
      mkdirSync(layers.path(id));
      writeFileSync(join(layers.path(id), `file${at}`), '');
      writeFileSync(join(layers.path(id), 'same'), `${at}`);
    }
    const store = createRootStore({ dataRoot });
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
    expect(lstatSync(join(layers.path(ids[7] ?? ''), 'file7')).size).toBe(0);
    expect(existsSync(merged)).toBe(false);
  });
});
