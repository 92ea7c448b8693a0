import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, clientFor, createClient } from './support/client.ts';
import { run } from './support/command.ts';
import { createEngine, type Engine } from './support/engine.ts';
import { dockerArchive, imageId, ociLayout } from './support/image.ts';
import { startRegistry } from './support/registry.ts';
import { richImage } from './support/rich-image.ts';
import { readTree } from './support/tree.ts';
import { useEngine } from './support/use-engine.ts';

/*
 * Images on their way between davit and the originals: docker, podman and skopeo. Whatever way they come, their IDs,
 * digests and files stay the same.
 */
const { davit, engine } = await useEngine({ engine: 'davitd', client: 'davit' });
const address = '127.0.0.1:5000';
const stops: (() => Promise<void>)[] = [];
let original: Engine;
let docker: Client;

/** podman with storage and mounts of its own; the network is the engine's. */
const podman = (() => {
  const at = (name: string) => `${engine.directory}/podman/${name}`;
  const roots = ['--root', at('root'), '--runroot', at('run'), '--tmpdir', at('tmp')];
  const [program = '', ...rest] = engine.network.enter([
    'unshare',
    '--mount',
    'podman',
    ...roots,
    '--events-backend',
    'none',
  ]);
  return createClient([program, ...rest], {
    env: { PATH: process.env.PATH, HOME: `${engine.directory}/home` },
  });
})();

/** skopeo in the engine's network. */
async function skopeo(...args: string[]): Promise<string> {
  const [program = '', ...rest] = engine.network.enter(['skopeo', '--tmpdir', engine.directory, ...args]);
  const { code, stdout, stderr } = await run(program, rest);
  if (code !== 0) throw new Error(`skopeo ${args.join(' ')}: ${stderr}`);
  return stdout;
}

beforeAll(async () => {
  original = await createEngine('dockerd');
  await original.start();
  docker = clientFor('docker', original);
  // Two registries in two networks, with the same content.
  const data = `${engine.directory}/registry-data`;
  for (const { network, directory } of [engine, original])
    stops.push((await startRegistry({ network, directory: `${directory}/registry`, data, port: 5000 })).stop);
}, 120_000);

afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await original.stop();
  await original.discard();
});

const file = (name: string) => `${engine.directory}/${name}`;
const lastDigest = (output: string) =>
  /sha256:[0-9a-f]{64}/.exec(output.split('\n').at(-1) ?? '')?.[0] ?? output;

async function idOf(client: Client, name: string): Promise<string> {
  const id = await client.ok('image', 'inspect', '--format', '{{.Id}}', name);
  return id.startsWith('sha256:') ? id : `sha256:${id}`;
}

async function digestsOf(client: Client, name: string): Promise<string[]> {
  const text = await client.ok('image', 'inspect', '--format', '{{json .RepoDigests}}', name);
  return [...new Set((JSON.parse(text) as string[]).map((one) => one.split('@')[1] ?? ''))].sort();
}

/** The files of an image, as a container of it exports them. */
async function treeOf(client: Client, name: string): Promise<Map<string, string>> {
  const container = await client.ok('create', '--network', 'none', name, 'true');
  const archive = file(`${container}.tar`);
  await client.ok('export', '-o', archive, container);
  await client.ok('rm', container);
  return readTree(archive);
}

/** What docker's export tells of a tree: all but the extended attributes of users. */
const toldByDocker = (tree: Map<string, string>) =>
  new Map(Array.from(tree, ([path, line]) => [path, line.replace(/ user\.\S+/g, '')]));

async function load(client: Client, name: string): Promise<string> {
  const image = await richImage(name);
  await client.with({ input: await dockerArchive([image]) }).ok('load', '-q');
  return imageId(image);
}

describe('docker', () => {
  it('pushes what davit pulls and pushes back, and docker pulls again', async () => {
    const name = `${address}/there:docker`;
    const id = await load(docker, name);
    const digest = lastDigest(await docker.ok('push', name));
    await davit.ok('pull', name);
    expect(await idOf(davit, name)).toBe(id);
    expect(await digestsOf(davit, name)).toEqual([digest]);
    const tree = await treeOf(docker, name);
    expect(tree.get('data/hard')).toMatch(
      /^file 4755 1000:2000 .* as data\/a-third and data\/file and data\/hard$/,
    );
    expect(toldByDocker(await treeOf(davit, name))).toEqual(tree);

    const back = `${address}/back:davit`;
    await davit.ok('tag', name, back);
    expect(lastDigest(await davit.ok('push', back))).toBe(digest);
    await docker.ok('rmi', name);
    await docker.ok('pull', back);
    expect(await idOf(docker, back)).toBe(id);
    expect(await digestsOf(docker, back)).toEqual([digest]);
    expect(await treeOf(docker, back)).toEqual(tree);
  });

  it('pulls what davit has compressed', async () => {
    const name = `${address}/there:davit`;
    const id = await load(davit, name);
    const digest = lastDigest(await davit.ok('push', name));
    await docker.ok('pull', name);
    expect(await idOf(docker, name)).toBe(id);
    expect(await digestsOf(docker, name)).toEqual([digest]);
    expect(await treeOf(docker, name)).toEqual(toldByDocker(await treeOf(davit, name)));
  });

  it('loads what davit saves, and davit what it saves', async () => {
    const id = await load(davit, 'saved:1');
    await davit.ok('tag', 'saved:1', 'saved:2');
    await davit.ok('save', '-o', file('saved.tar'), 'saved:1', 'saved:2', 'busybox');
    const loaded = await docker.ok('load', '-i', file('saved.tar'));
    expect(loaded.split('\n').sort()).toEqual(
      ['busybox:latest', 'saved:1', 'saved:2'].map((name) => `Loaded image: ${name}`),
    );
    expect(await idOf(docker, 'saved:2')).toBe(id);
    const tree = await treeOf(davit, 'saved:1');
    expect(tree.get('data/tagged')).toContain(' user.note=');
    expect(await treeOf(docker, 'saved:1')).toEqual(toldByDocker(tree));

    await davit.ok('rmi', 'saved:1', 'saved:2');
    await docker.ok('save', '-o', file('docker.tar'), 'saved:1', 'saved:2');
    const back = await davit.ok('load', '-i', file('docker.tar'));
    expect(back.split('\n').sort()).toEqual(['Loaded image: saved:1', 'Loaded image: saved:2']);
    expect(await idOf(davit, 'saved:1')).toBe(id);
    expect(await treeOf(davit, 'saved:2')).toEqual(tree);
  });

  it('exports and imports the same files as davit', async () => {
    await load(davit, 'exported:1');
    const container = await davit.ok('create', 'exported:1');
    await davit.ok('export', '-o', file('exported.tar'), container);
    const input = readFileSync(file('exported.tar'));
    await davit.with({ input }).ok('import', '-c', 'CMD ["true"]', '-', 'imported:1');
    await docker.with({ input }).ok('import', '-c', 'CMD ["true"]', '-', 'imported:1');
    const tree = await readTree(file('exported.tar'));
    expect(await treeOf(davit, 'imported:1')).toEqual(tree);
    expect(await treeOf(docker, 'imported:1')).toEqual(toldByDocker(tree));
    await davit.ok('rm', container);
  });
});

describe('skopeo', () => {
  const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
  const copy = (...args: string[]) => skopeo('copy', '--quiet', ...insecure, ...args);

  it('sees in a registry what davit has pushed', async () => {
    const name = `${address}/skopeo:davit`;
    const id = await load(davit, name);
    const digest = lastDigest(await davit.ok('push', name));
    const seen = JSON.parse(await skopeo('inspect', '--tls-verify=false', `docker://${name}`));
    expect(seen).toMatchObject({ Digest: digest, Labels: { name }, Os: 'linux' });
    expect(seen.Layers).toHaveLength(3);
    const raw = JSON.parse(await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${name}`));
    expect(raw.config.digest).toBe(id);
  });

  it('copies images between registries, layouts and archives, and davit knows them again', async () => {
    const name = `${address}/skopeo:1`;
    const id = await load(davit, name);
    const digest = lastDigest(await davit.ok('push', name));
    const tree = await treeOf(davit, name);
    await copy(`docker://${name}`, `docker://${address}/copied:1`);
    await copy(`docker://${name}`, `docker-archive:${file('skopeo.tar')}:archived:1`);
    await copy(`docker://${name}`, `oci-archive:${file('layout.tar')}:laid-out:1`);
    await davit.ok('rmi', '-f', id);

    await davit.ok('pull', `${address}/copied:1`);
    expect(await idOf(davit, `${address}/copied:1`)).toBe(id);
    expect(await digestsOf(davit, `${address}/copied:1`)).toEqual([digest]);
    expect(await davit.ok('load', '-i', file('skopeo.tar'))).toBe('Loaded image: archived:1');
    expect(await idOf(davit, 'archived:1')).toBe(id);
    // The configuration is written anew for OCI, and so the image has another ID there.
    expect(await davit.ok('load', '-i', file('layout.tar'))).toMatch(/^Loaded image/);
    expect(await treeOf(davit, 'archived:1')).toEqual(tree);
  });

  it('brings OCI images with zstd layers to a registry, and davit pulls and pushes them as they are', async () => {
    const name = `${address}/zstd:1`;
    await davit.with({ input: await ociLayout([await richImage('layout:1')]) }).ok('load', '-q');
    const tree = await treeOf(davit, 'layout:1');
    await davit.ok('save', '-o', file('zstd.tar'), 'layout:1');
    await davit.ok('rmi', 'layout:1');
    const form = ['--format', 'oci', '--dest-compress-format', 'zstd'];
    await copy(...form, `docker-archive:${file('zstd.tar')}:layout:1`, `docker://${name}`);
    const raw = await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${name}`);
    expect(raw).toContain('tar+zstd');
    await davit.ok('pull', name);
    const digest = `sha256:${createHash('sha256').update(raw).digest('hex')}`;
    expect(await digestsOf(davit, name)).toEqual([digest]);
    expect(await treeOf(davit, name)).toEqual(tree);
    await davit.ok('tag', name, `${address}/zstd-back:1`);
    expect(lastDigest(await davit.ok('push', `${address}/zstd-back:1`))).toBe(digest);
  });
});

describe('podman', () => {
  const insecure = '--tls-verify=false';

  it('pulls what davit pushes, and davit what podman pushes', async () => {
    const name = `${address}/podman:davit`;
    const id = await load(davit, name);
    const digest = lastDigest(await davit.ok('push', name));
    await podman.ok('pull', '-q', insecure, name);
    expect(await idOf(podman, name)).toBe(id);
    expect(await digestsOf(podman, name)).toEqual([digest]);
    const tree = await treeOf(davit, name);
    expect(await treeOf(podman, name)).toEqual(tree);

    const back = `${address}/podman-back:1`;
    await podman.ok('tag', name, back);
    await podman.ok('push', '-q', insecure, '--digestfile', file('digest'), back);
    await davit.ok('rmi', '-f', id);
    await davit.ok('pull', back);
    expect(await idOf(davit, back)).toBe(id);
    expect(await digestsOf(davit, back)).toEqual([readFileSync(file('digest'), 'utf8').trim()]);
    expect(await treeOf(davit, back)).toEqual(tree);
  });

  it('loads what davit saves, and davit what podman saves in either form', async () => {
    const id = await load(davit, 'localhost/kept:1');
    const tree = await treeOf(davit, 'localhost/kept:1');
    await davit.ok('save', '-o', file('kept.tar'), 'localhost/kept:1');
    await davit.ok('rmi', 'localhost/kept:1');
    await podman.ok('load', '-q', '-i', file('kept.tar'));
    expect(await idOf(podman, 'localhost/kept:1')).toBe(id);
    expect(await treeOf(podman, 'localhost/kept:1')).toEqual(tree);
    for (const format of ['docker-archive', 'oci-archive']) {
      const archive = file(`${format}.tar`);
      await podman.ok('save', '-q', '--format', format, '-o', archive, 'localhost/kept:1');
      expect(await davit.ok('load', '-i', archive)).toBe('Loaded image: localhost/kept:1');
      expect(await treeOf(davit, 'localhost/kept:1')).toEqual(tree);
      if (format === 'docker-archive') expect(await idOf(davit, 'localhost/kept:1')).toBe(id);
      await davit.ok('rmi', 'localhost/kept:1');
    }
  });
});
