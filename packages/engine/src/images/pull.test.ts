import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ProgressMessage } from '@davit/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anonymous } from '../registry/credentials.ts';
import { digestOf, type FakeRegistry, startFakeRegistry } from '../registry/registry.fixture.ts';
import { makeTar } from '../storage/tar.fixture.ts';
import { type Built, build, dockerArchive, two } from './archive.fixture.ts';
import { canUnpack, useImages } from './service.fixture.ts';

const { bench, directories, events, load, remove } = useImages();

let registry: FakeRegistry;
beforeEach(async () => {
  registry = await startFakeRegistry();
});
afterEach(() => registry.close());

const docker = 'application/vnd.docker';
const oci = 'application/vnd.oci.image';
const layerType = `${docker}.image.rootfs.diff.tar.gzip`;

interface Parts {
  config?: Buffer | string;
  layers?: Buffer[];
  layerType?: string;
  changed?: (manifest: Record<string, unknown>) => object;
}

/** Puts an image into the registry, as it is or with parts of it changed. */
function offer(name: string, image: Built, parts: Parts = {}): string {
  const { layers = image.layers.map((layer) => gzipSync(layer)), changed = (manifest) => manifest } = parts;
  return registry.addManifest(
    name,
    changed({
      ...{ schemaVersion: 2, mediaType: `${docker}.distribution.manifest.v2+json` },
      config: {
        mediaType: `${docker}.container.image.v1+json`,
        ...registry.addBlob(parts.config ?? image.config),
      },
      layers: layers.map((layer) => ({
        mediaType: parts.layerType ?? layerType,
        ...registry.addBlob(layer),
      })),
    }),
  );
}

async function pull(name: string, more: { tag?: string; platform?: string; signal?: AbortSignal } = {}) {
  const messages: ProgressMessage[] = [];
  const options = {
    ...{ tag: '', platform: '', credentials: anonymous, signal: new AbortController().signal },
    ...more,
  };
  await bench.service.pull({ ...options, name: `${registry.address}/${name}` }, async (message) => {
    messages.push(message);
  });
  return messages.map(({ id, status = '' }) => (id ? `${id}: ${status}` : status));
}

async function push(name: string) {
  const options = { tag: '', credentials: anonymous, signal: new AbortController().signal };
  const messages: ProgressMessage[] = [];
  await bench.service.push({ ...options, name }, async (message) => {
    messages.push(message);
  });
  return messages;
}

const fetched = () => registry.seen.filter(({ path }) => path.includes('/blobs/')).map(({ path }) => path);
const blobsLeft = () => readdirSync(join(bench.dataRoot, 'blobs/sha256'));

describe.skipIf(!canUnpack)('pull (needs root on Linux)', () => {
  test('tells what docker tells, and writes down under which digest it came', async () => {
    const image = await build(...two);
    const digest = offer('x:1', image);
    const told = await pull('x:1');
    expect(told[0]).toBe('1: Pulling from x');
    expect(told.filter((line) => line.endsWith('Pulling fs layer'))).toHaveLength(2);
    expect(told.filter((line) => line.endsWith('Download complete'))).toHaveLength(2);
    expect(told.filter((line) => line.endsWith('Pull complete'))).toHaveLength(2);
    const name = `${registry.address}/x`;
    expect(told.slice(-2)).toEqual([`Digest: ${digest}`, `Status: Downloaded newer image for ${name}:1`]);
    expect(bench.service.inspect(image.id)).toMatchObject({
      RepoTags: [`${name}:1`],
      RepoDigests: [`${name}@${digest}`],
    });
    expect(events()).toEqual([`pull ${name}:1`]);
    expect((await pull('x:1')).at(-1)).toBe(`Status: Image is up to date for ${name}:1`);
    await remove(image.id);
    expect([directories('layers'), directories('frames'), blobsLeft()]).toEqual([[], [], []]);
  });

  test('takes layers in every form, and pushes them elsewhere as they came', async () => {
    const image = await build(...two);
    const [first, second] = image.layers as [Buffer, Buffer];
    const layers = [zstdCompressSync(first), second];
    const digest = offer('x:1', image, { layers, layerType: `${oci}.layer.v1.tar+zstd` });
    await pull('x:1');
    const other = await startFakeRegistry();
    bench.service.tag(image.id, `${other.address}/y`, '2');
    const told = await push(`${other.address}/y:2`);
    expect(told.at(-1)?.aux).toMatchObject({ Tag: '2', Digest: digest });
    expect([...other.blobs.keys()].sort()).toEqual([...registry.blobs.keys()].sort());
    other.close();
  });

  test('takes OCI manifests by their media type', async () => {
    const image = await build(...two);
    const layers = image.layers.map((layer) => ({
      mediaType: `${oci}.layer.v1.tar`,
      ...registry.addBlob(layer),
    }));
    const config = { mediaType: `${oci}.config.v1+json`, ...registry.addBlob(image.config) };
    registry.addManifest('x:oci', { schemaVersion: 2, config, layers }, `${oci}.manifest.v1+json`);
    await pull('x:oci');
    expect(bench.service.inspect(image.id).RepoTags).toEqual([`${registry.address}/x:oci`]);
  });

  test('makes the same manifest whenever it pushes an image that was never in a registry', async () => {
    const image = await build(...two);
    offer('x:1', image);
    await pull('x:1');
    await remove(image.id);
    const digests = new Set<string>();
    for (const tag of ['a', 'b']) {
      await load(await dockerArchive(image, [`${registry.address}/z:${tag}`]));
      const told = await push(`${registry.address}/z:${tag}`);
      const aux = told.at(-1)?.aux as { Digest: string } | undefined;
      digests.add(aux?.Digest ?? tag);
      await remove(image.id, true);
    }
    expect(digests.size).toBe(1);
  });

  test('chooses from an index what fits the platform', async () => {
    const [mine, arm] = [await build(...two), await build([{ name: 'arm' }])];
    const armConfig = arm.config.replace('amd64', 'arm64');
    const digests = [offer('x:mine', mine), offer('x:arm', arm, { config: armConfig })];
    const platforms = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64', variant: 'v8' },
    ];
    const index = {
      schemaVersion: 2,
      manifests: digests.map((digest, at) => ({ digest, size: 1, platform: platforms[at] })),
    };
    const digest = registry.addManifest('x:both', index, `${oci}.index.v1+json`);
    await pull('x:both', { platform: 'linux/amd64' });
    expect(bench.service.inspect(`${registry.address}/x:both`).Id).toBe(mine.id);
    expect(bench.service.inspect(mine.id).RepoDigests).toEqual([`${registry.address}/x@${digest}`]);
    await pull('x', { tag: digest, platform: 'linux/arm64' });
    expect(bench.service.inspect(`${registry.address}/x@${digest}`).Architecture).toBe('arm64');
    await expect(pull('x:both', { platform: 'linux/s390x' })).rejects.toThrow(
      'no matching manifest for linux/s390x in the manifest list entries',
    );
    await expect(pull('x:mine', { platform: 'linux/s390x' })).rejects.toThrow(
      'was found but does not provide the specified platform (linux/s390x)',
    );
  });

  test('fetches once what two want at once, and goes on when one of them leaves', async () => {
    const image = await build(...two);
    offer('x:1', image);
    const leaving = new AbortController();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let waiting = 0;
    registry.hook = (request, response) => {
      if (!request.url?.includes('/blobs/') || registry.seen.length < 3) return false;
      if (request.url.endsWith(image.id)) return false;
      waiting += 1;
      const content = registry.blobs.get(request.url.split('/').at(-1) ?? '') ?? Buffer.alloc(0);
      response.writeHead(200, { 'content-length': content.length });
      void held.then(() => response.end(content));
      return true;
    };
    const first = pull('x:1', { signal: leaving.signal });
    const second = pull('x:1');
    await expect.poll(() => waiting).toBe(2);
    await expect.poll(() => fetched().filter((path) => path.endsWith(image.id)).length).toBe(2);
    leaving.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    release();
    expect((await second).at(-1)).toContain('Downloaded newer image');
    expect(waiting).toBe(2);
  });

  test('asks its own registry when what it waited for with another failed', async () => {
    const image = await build(...two);
    offer('bad:1', image);
    offer('good:1', image);
    let fail: () => void = () => undefined;
    registry.hook = (request, response) => {
      const digest = request.url?.split('/').at(-1);
      if (!request.url?.includes('/bad/blobs/') || digest === image.id) return false;
      const content = registry.blobs.get(digest ?? '') ?? '';
      const lie = () => response.end(Buffer.alloc(content.length));
      const before = fail;
      fail = () => {
        before();
        lie();
      };
      return true;
    };
    const bad = pull('bad:1');
    await expect.poll(() => fetched().filter((path) => path.includes('/bad/')).length).toBe(3);
    const good = pull('good:1');
    await expect.poll(() => fetched().filter((path) => path.includes('/good/')).length).toBe(1);
    fail();
    await expect(bad).rejects.toThrow();
    expect((await good).at(-1)).toContain('Downloaded newer image');
  });

  test('keeps the layers that came whole when another one fails', async () => {
    const image = await build(...two);
    offer('x:1', image);
    const missing = digestOf(gzipSync(image.layers[1] ?? ''));
    const content = registry.blobs.get(missing) ?? Buffer.alloc(0);
    registry.blobs.delete(missing);
    await expect(pull('x:1')).rejects.toThrow('blob unknown');
    registry.blobs.set(missing, content);
    const told = await pull('x:1');
    expect(told.at(-1)).toContain('Downloaded newer image');
    expect(bench.service.count()).toBe(1);
  });

  describe('takes nothing from a registry that lies', () => {
    const evil = (name: string) => makeTar([{ name, content: 'x' }]);
    const cases: [string, (image: Built) => Parts | Promise<Parts>, RegExp][] = [
      ['about the bytes of a layer', () => ({ layers: [] }), /0 layers, its configuration has 2/],
      [
        'about a DiffID',
        ({ layers }) => ({ layers: [...layers].reverse().map((layer) => gzipSync(layer)) }),
        /not the one it should be/,
      ],
      [
        'about the size of a layer',
        () => ({
          changed: (m) => ({ ...m, layers: (m.layers as object[]).map((l) => ({ ...l, size: 5 })) }),
        }),
        /has more than its 5 bytes|expected 5 bytes/,
      ],
      ['about its configuration', () => ({ config: 'no JSON' }), /invalid image configuration/],
      ['about the system', ({ config }) => ({ config: config.replace('"linux"', '"windows"') }), /windows/],
      [
        'with half a gzip',
        ({ layers }) => ({ layers: layers.map((layer) => gzipSync(layer).subarray(0, 90)) }),
        /broken or cut short/,
      ],
      [
        'with half a tar',
        ({ layers }) => ({ layers: layers.map((layer) => gzipSync(layer.subarray(0, 600))) }),
        /cut short|not the one/,
      ],
      [
        'with a path that climbs',
        async () => ({ layers: [gzipSync(await evil('../../x')), gzipSync(await evil('../y'))] }),
        /leads out/,
      ],
      ['with an old manifest', () => ({ changed: () => ({ schemaVersion: 1 }) }), /schema 1/],
      ['with what is no manifest', () => ({ changed: () => [] }), /invalid manifest/],
      [
        'with a manifest and an index in one',
        () => ({ changed: (m) => ({ ...m, manifests: [] }) }),
        /at once/,
      ],
      [
        'with what is no image',
        () => ({ changed: (m) => ({ ...m, config: { ...(m.config as object), mediaType: 'text/plain' } }) }),
        /"text\/plain" is not the configuration/,
      ],
      [
        'with a huge configuration',
        () => ({ changed: (m) => ({ ...m, config: { ...(m.config as object), size: 1e9 } }) }),
        /too large/,
      ],
      [
        'with a digest that is a path',
        () => ({ changed: (m) => ({ ...m, layers: [{ digest: 'sha256:../../etc', size: 1 }] }) }),
        /invalid checksum digest/,
      ],
      [
        'with too many layers',
        () => ({
          changed: (m) => ({ ...m, layers: Array.from({ length: 501 }, () => (m.layers as object[])[0]) }),
        }),
        /501 layers/,
      ],
    ];

    test.each(cases)('%s', async (_what, change, message) => {
      const image = await build(...two);
      offer('x:1', image, await change(image));
      await expect(pull('x:1')).rejects.toThrow(message);
      expect(bench.service.count()).toBe(0);
      await bench.service.prune({});
      await expect
        .poll(() => [directories('layers'), directories('work'), blobsLeft()])
        .toEqual([[], [], []]);
    });

    test('with other bytes than the digest says', async () => {
      const image = await build(...two);
      offer('x:1', image);
      for (const [digest, content] of registry.blobs)
        if (digest !== image.id) registry.blobs.set(digest, Buffer.alloc(content.length));
      await expect(pull('x:1')).rejects.toThrow(/not what it should be|not the one|cut short|invalid/);
      await bench.service.prune({});
      expect([bench.service.count(), directories('layers'), blobsLeft()]).toEqual([0, [], []]);
    });

    test('with an index that leads to an index', async () => {
      const inner = registry.addManifest('x:inner', { schemaVersion: 2, manifests: [] });
      const platform = { os: 'linux', architecture: 'amd64' };
      registry.addManifest('x:1', { schemaVersion: 2, manifests: [{ digest: inner, size: 1, platform }] });
      await expect(pull('x:1', { platform: 'linux/amd64' })).rejects.toThrow('an index holds another index');
    });
  });

  test('says in docker words what a registry has refused', async () => {
    const refuse = (code: string) => {
      registry.hook = (request, response) => {
        if (!request.url?.includes('/manifests/')) return false;
        response.writeHead(404).end(JSON.stringify({ errors: [{ code, message: 'said so' }] }));
        return true;
      };
    };
    const name = `${registry.address}/x`;
    for (const [code, message] of [
      ['MANIFEST_UNKNOWN', `manifest for ${name}:1 not found: manifest unknown: said so`],
      ['NAME_UNKNOWN', `repository ${name} not found: name unknown: said so`],
      [
        'DENIED',
        `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: said so`,
      ],
    ] as const) {
      refuse(code);
      await expect(pull('x:1')).rejects.toMatchObject({ kind: 'notFound', message });
    }
    expect(events()).toEqual([]);
  });
});
