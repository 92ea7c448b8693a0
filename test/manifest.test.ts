import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programs } from './support/client.ts';
import { run } from './support/command.ts';
import { dockerArchive, ociLayout, tar } from './support/image.ts';
import { networkNamespace } from './support/network-namespace.ts';
import { startRegistry, type TestRegistry } from './support/registry.ts';

/*
 * `manifest` has to do with registries alone: davit and docker are asked the same, beside each other, and whatever
 * they print or write down is compared.
 */
const directory = mkdtempSync(`${tmpdir()}/davit-test-manifest-`);
const network = networkNamespace();
const address = '127.0.0.1:5000';
let registry: TestRegistry;

/** An image in the registry, in docker's form or in OCI's. */
async function push(name: string, form: 'v2s2' | 'oci'): Promise<void> {
  const layers = [await tar([{ name: 'file', content: name }])];
  const image = { tags: ['image:1'], layers };
  const file = `${directory}/image.tar`;
  await run('sh', ['-c', `cat > ${file}`], {
    input: await (form === 'oci' ? ociLayout : dockerArchive)([image]),
  });
  const kind = form === 'oci' ? 'oci-archive' : 'docker-archive';
  const flags = ['--quiet', '--dest-tls-verify=false', '--format', form];
  const copy = ['skopeo', 'copy', ...flags, `${kind}:${file}:${form === 'oci' ? '1' : 'image:1'}`];
  const [program = '', ...rest] = network.enter([...copy, `docker://${address}/${name}`]);
  expect(await run(program, rest)).toMatchObject({ code: 0 });
}

const folder = (client: string) => `${directory}/${client}`;

async function ask(client: 'davit' | 'docker', args: string[]) {
  const [program = '', ...rest] = network.enter([programs[client], 'manifest', ...args]);
  const env = { PATH: process.env.PATH, HOME: folder(client), DOCKER_HOST: 'unix:///nowhere' };
  const { code, stdout, stderr } = await run(program, rest, { env });
  return { code, stdout, stderr: stderr.replaceAll('davit', 'docker') };
}

/** Asks both; returns what they agree on. */
async function both(...args: string[]) {
  const [ours, theirs] = await Promise.all([ask('davit', args), ask('docker', args)]);
  expect(ours, args.join(' ')).toEqual(theirs);
  return ours;
}

/** All that a client has written down. */
function kept(client: string): Record<string, unknown> {
  const base = `${folder(client)}/.docker/manifests`;
  const files = readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const contents = files.map(({ parentPath, name }) => {
    const path = `${parentPath}/${name}`;
    return [path.slice(base.length), readFileSync(path, 'utf8')] as const;
  });
  return Object.fromEntries(contents.sort());
}

beforeAll(async () => {
  await network.create();
  registry = await startRegistry({ network, directory: `${directory}/registry`, port: 5000 });
  for (const name of ['app:a', 'team/app:b']) await push(name, 'v2s2');
  for (const name of ['oci:a', 'oci:b']) await push(name, 'oci');
});
afterAll(async () => {
  await registry.stop();
  await network.remove();
  rmSync(directory, { recursive: true, force: true });
});

const at = (name: string) => `${address}/${name}`;
const create = (list: string, ...images: string[]) =>
  both('create', '--insecure', at(list), ...images.map(at));

describe('davit manifest, as docker does it,', () => {
  it('makes a list, changes it, and shows it', async () => {
    expect(await create('app:1', 'app:a', 'team/app:b')).toMatchObject({ code: 0 });
    expect(kept('davit')).toEqual(kept('docker'));
    expect((await create('app:1', 'app:a')).stderr).toContain('--amend');
    await both('create', '--insecure', '-a', at('app:1'), at('app:a'));
    const flags = ['--arch', 'arm64', '--variant', 'v8', '--os-features', 'x,y', '--os-version', '10'];
    await both('annotate', at('app:1'), at('team/app:b'), ...flags);
    await both('annotate', at('app:1'), at('team/app:b'), '--os-features=y', '--os-features=z');
    expect(kept('davit')).toEqual(kept('docker'));
    expect((await both('inspect', at('app:1'))).stdout).toContain('"variant": "v8"');
    expect((await both('inspect', '-v', at('app:1'))).stdout).toContain('SchemaV2Manifest');
    await both('inspect', at('app:1'), at('team/app:b'));
    await both('inspect', '-v', at('app:1'), at('team/app:b'));
  });

  it('pushes it, and shows what the registry has', async () => {
    const pushed = await both('push', '--insecure', at('app:1'));
    expect(pushed.stdout).toMatch(/^Pushed ref .*\nsha256:[0-9a-f]{64}\n$/);
    const types = 'application/vnd.docker.distribution.manifest';
    const stored = await registry.request('/v2/app/manifests/1', '-H', `Accept: ${types}.list.v2+json`);
    expect(JSON.parse(stored).manifests).toHaveLength(2);
    await both('push', '--purge', '--insecure', at('app:1'));
    expect((await both('rm', at('app:1'))).code).toBe(1);
    await both('inspect', '--insecure', at('app:1'));
    await both('inspect', '--insecure', '-v', at('app:1'));
    await both('inspect', '--insecure', at('app:a'));
    await both('inspect', '--insecure', '--verbose', at('app:a'));
  });

  it('does the same with OCI images', async () => {
    await create('oci', 'oci:a', 'oci:b');
    await both('annotate', at('oci'), at('oci:b'), '--arch=s390x');
    expect(kept('davit')).toEqual(kept('docker'));
    expect((await both('inspect', at('oci'))).stdout).toContain('image.index.v1');
    await both('push', '--insecure', '-p', at('oci'));
    await both('inspect', '--insecure', at('oci'));
    expect((await both('inspect', '--insecure', '-v', at('oci'))).stdout).toContain('OCIManifest');
    await both('inspect', '--insecure', '-v', at('oci:a'));
  });

  it('refuses what cannot be', async () => {
    await create('wrong:1', 'app:a');
    await both('create', '--insecure', '127.0.0.1:5001/other', at('app:a'));
    const refused: string[][] = [
      ['create', 'BAD', 'x'],
      ['create', at('x')],
      ['create', '--insecure', at('x'), 'BAD'],
      ['create', '--insecure', at('x'), at('app:1')],
      ['create', '--insecure', at('x'), at('app:nope')],
      ['create', '--insecure', at('x'), at(`app@sha256:${'0'.repeat(64)}`)],
      ['annotate', at('wrong:1'), at('nope:1'), '--os', 'linux'],
      ['annotate', 'BAD', 'x'],
      ['annotate', 'x', 'BAD'],
      ['annotate', at('wrong:1'), at('app:a'), '--os', 'foo'],
      ['annotate', at('wrong:1'), at('app:a'), '--arch', 'foo'],
      ['annotate', at('wrong:1'), at('app:a'), '--os', 'windows', '--arch', 's390x'],
      ['annotate', at('wrong:1')],
      ['inspect'],
      ['inspect', 'a', 'b', 'c'],
      ['inspect', 'BAD'],
      ['inspect', at('wrong:1'), at('nope:1')],
      ['inspect', '--insecure', at('nope:1')],
      ['push', at('nope:1')],
      ['push', 'BAD'],
      ['push', '--insecure', '127.0.0.1:5001/other'],
      ['rm'],
      ['rm', at('nope:1'), 'nope', 'BAD'],
      ['rm', at('wrong:1'), 'nope'],
    ];
    for (const args of refused) expect((await both(...args)).code, args.join(' ')).not.toBe(0);
    const unreachable = await ask('davit', ['inspect', '--insecure', '127.0.0.1:5001/x']);
    expect(unreachable.stderr).toMatch(
      /^failed to configure transport: error pinging v2 registry: Get "https?:\/\/127\.0\.0\.1:5001\/v2\/": .*connection refused\n$/,
    );
  });

  it('knows the same systems and processors', async () => {
    await create('platforms', 'app:a');
    const pairs = [
      'linux/riscv64',
      'linux/mips64le',
      'linux/sparc',
      'windows/arm64',
      'darwin/arm',
      'freebsd/arm64',
    ];
    for (const pair of [...pairs, 'aix/ppc64', 'solaris/amd64', 'linux/loong64', 'netbsd/arm']) {
      const [os = '', arch = ''] = pair.split('/');
      await both('annotate', at('platforms'), at('app:a'), '--os', os, '--arch', arch);
    }
    expect(kept('davit')).toEqual(kept('docker'));
  });
});
