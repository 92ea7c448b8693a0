import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from './support/client.ts';
import { busyboxLayer, dockerArchive, type Entry, type ImageRecipe, imageId, tar } from './support/image.ts';
import { otherAddress } from './support/network-namespace.ts';
import { ownSettings } from './support/own-settings.ts';
import {
  createAuthority,
  htpasswd,
  startTokenServer,
  type TestRegistry,
  useRegistries,
} from './support/registry.ts';
import { openTerminal, type Terminal } from './support/terminal.ts';
import { useEngine } from './support/use-engine.ts';

const folder = mkdtempSync(`${tmpdir()}/davit-test-`);
afterAll(() => rmSync(folder, { recursive: true }));
const own = ownSettings(folder);
const { davit, engine } = await useEngine({ engine: 'davitd', client: 'davit', inside: own.inside });

const registry = useRegistries(engine);

/** An image of several layers, in which there is something of everything. */
async function layeredImage(name: string): Promise<ImageRecipe> {
  const directory = (path: string, more: Partial<Entry> = {}): Entry => ({
    ...{ name: path, type: 'directory', mtime: new Date(1e12) },
    ...more,
  });
  const data = directory('data', { mode: 0o2750, uid: 12, gid: 34 });
  const owned = { uid: 1000, mode: 0o4755, mtime: new Date(1e12) };
  const deep = Array.from({ length: 30 }, (_, depth) => directory(`data/${'long/'.repeat(depth + 1)}`));
  const files = await tar([
    data,
    { name: 'data/file', content: `content of ${name}`, ...owned },
    { name: 'data/hard', type: 'link', linkname: 'data/file', ...owned },
    { name: 'data/soft', type: 'symlink', linkname: 'file' },
    ...deep,
    { name: `data/${'long/'.repeat(30)}name`, content: 'x' },
    { name: 'data/large', content: Buffer.alloc(3_000_000, name) },
    { name: 'data/ünïcode', content: '' },
  ]);
  const upper = await tar([
    data,
    { name: 'data/.wh.soft' },
    directory('home'),
    { name: 'home/.wh..wh..opq' },
    { name: 'home/new', content: 'n' },
  ]);
  return { tags: [name], layers: [await busyboxLayer(), files, upper], config: { Labels: { name } } };
}

async function load(client: Client, image: ImageRecipe): Promise<void> {
  await client.with({ input: await dockerArchive([image]) }).ok('load', '-q');
}

async function digestsOf(client: Client, name: string): Promise<string[]> {
  const [info] = JSON.parse(await client.ok('image', 'inspect', name)) as { RepoDigests: string[] }[];
  return (info?.RepoDigests ?? []).map((one) => one.split('@')[1] ?? '').sort();
}

const lastDigest = (output: string) => /sha256:[0-9a-f]{64}/.exec(output)?.[0] ?? '';

describe('a plain registry', () => {
  const address = '127.0.0.1:5000';
  let plain: TestRegistry;
  beforeAll(async () => {
    plain = await registry(5000);
  });

  it('gets an image, and gives the same one back', async () => {
    const name = `${address}/team/app:1`;
    const image = await layeredImage(name);
    await load(davit, image);
    const pushed = await davit.ok('push', name);
    expect(pushed.split('\n')[0]).toBe(`The push refers to repository [${address}/team/app]`);
    expect(pushed).toMatch(/^[0-9a-f]{12}: Pushed$/m);
    const digest = lastDigest(pushed);
    expect(pushed).toMatch(new RegExp(`^1: digest: ${digest} size: \\d+$`, 'm'));
    expect(await digestsOf(davit, name)).toEqual([digest]);

    const again = await davit.ok('push', name);
    expect(again.match(/: Layer already exists$/gm)).toHaveLength(3);
    expect(lastDigest(again)).toBe(digest);

    await davit.ok('rmi', name);
    const pulled = (await davit.ok('pull', name)).split('\n');
    expect(pulled[0]).toBe('1: Pulling from team/app');
    expect(pulled.filter((line) => line.endsWith(': Pull complete')).length).toBeGreaterThanOrEqual(2);
    expect(pulled.slice(-3)).toEqual([
      `Digest: ${digest}`,
      `Status: Downloaded newer image for ${name}`,
      name,
    ]);
    expect(await davit.ok('images', '-q', '--no-trunc', name)).toBe(imageId(image));
    const script = 'stat -c "%a %u %h" data/file data/hard; ls home; ls -d data/soft; cat data/file';
    expect((await davit.ok('run', '--rm', name, 'sh', '-c', script)).split('\n')).toEqual([
      ...['4755 1000 2', '4755 1000 2', 'new', `content of ${name}`],
    ]);
    expect((await davit.ok('pull', name)).split('\n').at(-2)).toBe(`Status: Image is up to date for ${name}`);
    expect(await davit.ok('pull', '-q', name)).toBe(name);
  });

  it('is told of a layer in another of its repositories instead of getting it again', async () => {
    await davit.ok('tag', `${address}/team/app:1`, `${address}/other`);
    expect(await davit.ok('push', `${address}/other`)).toContain(': Mounted from team/app');
  });

  it('is pulled from by digest, and by all tags', async () => {
    const [digest = ''] = await digestsOf(davit, `${address}/team/app:1`);
    await davit.ok('tag', 'busybox', `${address}/team/app:2`);
    expect(await davit.ok('push', '-a', `${address}/team/app`)).toMatch(/^1: digest: .*^2: digest: /ms);
    await davit.ok('rmi', `${address}/team/app:1`, `${address}/team/app:2`, `${address}/other`);
    const byDigest = await davit.ok('pull', `${address}/team/app@${digest}`);
    expect(byDigest).toContain(`${digest}: Pulling from team/app`);
    expect(await davit.ok('run', '--rm', `${address}/team/app@${digest}`, 'echo', 'works')).toBe('works');
    const all = await davit.ok('pull', '-a', `${address}/team/app`);
    expect(all).toMatch(/^2: Pulling from team\/app$/m);
    expect(all).toMatch(/^1: Pulling from team\/app$/m);
    expect(all).toContain(`Status: Downloaded newer image for ${address}/team/app\n`);
  });

  it('gives run what is missing, with the progress on standard error', async () => {
    const name = `${address}/team/app:2`;
    await davit('rmi', name);
    const { stdout, stderr } = await davit('run', '--rm', name, 'echo', 'works');
    expect(stdout).toBe('works\n');
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      `Unable to find image '${name}' locally`,
      '2: Pulling from team/app',
    ]);
    const quiet = await davit('run', '--rm', '--pull', 'always', '-q', name, 'echo', 'works');
    expect(quiet).toMatchObject({ stdout: 'works\n', stderr: '' });
    await davit.ok('rmi', name);
    const never = await davit('run', '--rm', '--pull', 'never', name);
    expect(never.code).toBe(125);
    expect(never.stderr).toContain(`No such image: ${name}`);
  });

  it.each([
    [
      'no such tag',
      ['pull', 'team/app:nosuch'],
      /manifest for \S+\/team\/app:nosuch not found: manifest unknown: manifest unknown\n$/,
    ],
    ['no such image', ['push', 'nosuch'], /An image does not exist locally with the tag: \S+\/nosuch\n$/],
    ['no such local tag', ['push', 'team/app:nosuch'], /tag does not exist: \S+\/team\/app:nosuch\n$/],
  ])('says when there is %s', async (_what, [verb = '', name = ''], message) => {
    const { code, stderr } = await davit(verb, `${address}/${name}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('fetches a layer once for two who want it', async () => {
    const name = `${address}/twice:1`;
    await load(davit, await layeredImage(name));
    await davit.ok('push', name);
    await davit.ok('rmi', name);
    const before = plain.log().length;
    await Promise.all([davit.ok('pull', name), davit.ok('pull', name)]);
    const blobs = plain
      .log()
      .slice(before)
      .matchAll(/"GET \/v2\/twice\/blobs\/(sha256:[0-9a-f]{64}) /g);
    const fetched = Array.from(blobs, ([, digest]) => digest);
    const config = imageId(await layeredImage(name));
    const layers = fetched.filter((digest) => digest !== config);
    expect(new Set(layers).size).toBe(layers.length);
    await davit.ok('rmi', name);
  });

  it('is asked what it has without a pull', async () => {
    const { status, body } = await engine.request('GET', `/distribution/${address}/team/app:1/json`);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      Descriptor: { digest: expect.stringMatching(/^sha256:/), size: expect.any(Number) },
      Platforms: [{ os: 'linux' }],
    });
  });

  it('is left with nothing half done when the engine is killed in a pull', async () => {
    const name = `${address}/killed:1`;
    const image = await layeredImage(name);
    await load(davit, image);
    await davit.ok('push', name);
    for (const pause of [0, 40, 120]) {
      await davit('rmi', name);
      const pull = davit.start('pull', name);
      await pull.prints('Pulling fs layer');
      await new Promise((resolve) => setTimeout(resolve, pause));
      await engine.crash();
      await pull.done;
      await engine.start();
      await davit.ok('pull', name);
      expect(await davit.ok('run', '--rm', name, 'cat', '/data/file')).toBe(`content of ${name}`);
    }
  });
});

describe('credentials', () => {
  const address = '127.0.0.1:5001';
  const config = `${engine.directory}/home/.docker/config.json`;
  const image = `${address}/private:1`;
  beforeAll(async () => {
    const file = `${engine.directory}/htpasswd`;
    writeFileSync(file, htpasswd);
    await registry(5001, { auth: ['htpasswd:', '  realm: test', `  path: ${file}`] });
    await davit.ok('tag', 'busybox', image);
  });

  it('are asked for, checked and kept, and forgotten again', async () => {
    const refused = await davit('push', image);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('no basic auth credentials');
    const wrong = await davit.with({ input: 'wrong' })('login', '-u', 'user', '--password-stdin', address);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/^Error response from daemon: login attempt to .* failed: unauthorized/);

    mkdirSync(`${engine.directory}/home/.docker`, { recursive: true });
    writeFileSync(
      config,
      JSON.stringify({ someday: ['kept'], auths: { 'other.example': { auth: 'eDp5' } } }),
    );
    const right = await davit.with({ input: 'secret\n' })('login', '-u', 'user', '--password-stdin', address);
    expect(right.stdout).toBe('Login Succeeded\n');
    expect(right.stderr).toContain(`stored unencrypted in '${config}'`);
    expect(JSON.parse(readFileSync(config, 'utf8'))).toEqual({
      someday: ['kept'],
      auths: { 'other.example': { auth: 'eDp5' }, [address]: { auth: 'dXNlcjpzZWNyZXQ=' } },
    });
    expect(statSync(config).mode & 0o777).toBe(0o600);
    await davit.ok('push', image);
    await davit.ok('rmi', image);
    await davit.ok('run', '--rm', image, 'true');
    expect(await davit.ok('logout', address)).toBe(`Removing login credentials for ${address}`);
    expect(JSON.parse(readFileSync(config, 'utf8')).auths).toEqual({ 'other.example': { auth: 'eDp5' } });
    expect((await davit('pull', image)).code).toBe(1);
  });

  it('are typed at a terminal, which does not show the password', async () => {
    const script = 'trap : INT; stty -a > /dev/null; "$@"; echo "code=$?"; stty -a; echo "en""d"';
    const shell = (...args: string[]) =>
      openTerminal('sh', ['-c', script, 'sh', ...davit.argv, ...args], { env: davit.env });
    const settingsOf = ({ screen }: Terminal) => screen().split('code=').at(-1)?.split(/\s+/) ?? [];
    const sane = ['0', 'icanon', 'echo', 'isig', 'opost', 'icrnl'];

    const right = shell('login', address);
    await right.shows(`Username for ${address}: `);
    right.type('user\r');
    await right.shows('Password: ');
    // A slip of the finger is taken back, and so is a word.
    right.type('nonsense\x15secrex\x7ft\r');
    await right.shows('Login Succeeded');
    await right.shows(/\bend\b/);
    expect(await right.exit).toBe(0);
    expect(right.screen()).not.toContain('secre');
    expect(settingsOf(right)).toEqual(expect.arrayContaining(sane));
    expect(JSON.parse(readFileSync(config, 'utf8')).auths[address]).toEqual({ auth: 'dXNlcjpzZWNyZXQ=' });
    await davit.ok('logout', address);

    for (const answers of [[], ['user\r']]) {
      const left = shell('login', address);
      await left.shows('Username for ');
      for (const answer of answers) left.type(answer);
      if (answers.length > 0) await left.shows('Password: ');
      left.type('\x03');
      await left.shows(/\bend\b/);
      await left.exit;
      expect(settingsOf(left)).toEqual(expect.arrayContaining(sane.slice(1)));
      expect(settingsOf(left)[0]).not.toBe('0');
    }
    expect(JSON.parse(readFileSync(config, 'utf8')).auths[address]).toBeUndefined();
  });

  it.each([
    ['of one registry', { credHelpers: { [address]: 'test' } }],
    ['of all registries', { credsStore: 'test' }],
  ])('are kept by the helper program %s', async (_, helpers) => {
    const store = `${engine.directory}/store`;
    const bin = `${engine.directory}/bin`;
    mkdirSync(bin, { recursive: true });
    const script = `#!/bin/sh
case $1 in
  store) cat > ${store} ;;
  get) [ -s ${store} ] && cat ${store} || { echo "credentials not found in native keychain"; exit 1; } ;;
  erase) rm -f ${store} ;;
esac`;
    writeFileSync(`${bin}/docker-credential-test`, script);
    chmodSync(`${bin}/docker-credential-test`, 0o755);
    writeFileSync(config, JSON.stringify(helpers));
    const helped = davit.with({ env: { PATH: `${bin}:${process.env.PATH}` } });
    const { stderr } = await helped.with({ input: 'secret' })(
      'login',
      '-u',
      'user',
      '--password-stdin',
      address,
    );
    expect(stderr).toBe('');
    expect(JSON.parse(readFileSync(store, 'utf8'))).toEqual({
      ServerURL: address,
      Username: 'user',
      Secret: 'secret',
    });
    expect(JSON.parse(readFileSync(config, 'utf8'))).toEqual({ ...helpers, auths: { [address]: {} } });
    await helped.ok('push', image);
    await helped.ok('logout', address);
    expect((await helped('pull', image)).stderr).toContain('no basic auth credentials');
    rmSync(config);
  });
});

describe('a registry with a token server', () => {
  const address = '127.0.0.1:5002';
  let tokens: Awaited<ReturnType<typeof startTokenServer>>;
  beforeAll(async () => {
    const authority = await createAuthority(`${engine.directory}/tokens`, '127.0.0.1');
    tokens = await startTokenServer(engine.network, 5003, authority);
    await registry(5002, { auth: tokens.auth });
    for (const name of ['public/app', 'private/app']) await davit.ok('tag', 'busybox', `${address}/${name}`);
  });
  afterAll(() => tokens?.stop());

  it('lets in who has logged in, by a token in the place of the password', async () => {
    const denied = await davit('push', `${address}/public/app`);
    expect(denied.code).toBe(1);
    expect(denied.stderr).toMatch(
      /(denied: requested access to the resource is denied|unauthorized: authentication required)\n$/,
    );
    const wrong = await davit.with({ input: 'wrong' })('login', '-u', 'user', '--password-stdin', address);
    expect(wrong.stderr).toContain('unauthorized: incorrect username or password');
    await davit.with({ input: 'secret' }).ok('login', '-u', 'user', '--password-stdin', address);
    const { auths } = JSON.parse(readFileSync(`${engine.directory}/home/.docker/config.json`, 'utf8'));
    expect(auths[address]).toEqual({
      auth: Buffer.from('user:').toString('base64'),
      identitytoken: 'a-token-that-lasts',
    });
    await davit.ok('push', `${address}/public/app`);
    expect(await davit.ok('push', `${address}/private/app`)).toContain(': Mounted from public/app');
    await davit.ok('logout', address);
  });

  it('lets everybody pull what is public, and tells others docker words', async () => {
    await davit.ok('rmi', `${address}/public/app`, `${address}/private/app`);
    await davit.ok('pull', `${address}/public/app`);
    const { code, stderr } = await davit('pull', `${address}/private/app`);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Error response from daemon: pull access denied for ${address}/private/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied\n`,
    );
  });
});

describe('a registry with TLS', () => {
  const port = 20_000 + Math.trunc(Math.random() * 10_000);
  const address = `${otherAddress}:${port}`;
  const trusted = `${own.folder}/certs.d/${address}`;
  let authority: Awaited<ReturnType<typeof createAuthority>>;
  beforeAll(async () => {
    authority = await createAuthority(`${engine.directory}/authority`, otherAddress);
    const { server, serverKey, ca } = authority;
    await registry(port, { host: otherAddress, tls: { certificate: server, key: serverKey, clientCa: ca } });
    await davit.ok('tag', 'busybox', `${address}/app`);
  });

  it('is trusted by its authority, and knows the engine by its certificate', async () => {
    const untrusted = await davit('push', `${address}/app`);
    expect(untrusted.code).toBe(1);
    expect(untrusted.stderr).toMatch(/unable to verify the first certificate|self-signed certificate/);
    mkdirSync(trusted, { recursive: true });
    writeFileSync(`${trusted}/ca.crt`, readFileSync(authority.ca));
    expect((await davit('push', `${address}/app`)).code).toBe(1);
    writeFileSync(`${trusted}/client.cert`, readFileSync(authority.client));
    expect((await davit('push', `${address}/app`)).stderr).toContain(
      'missing key client.key for client certificate',
    );
    writeFileSync(`${trusted}/client.key`, readFileSync(authority.clientKey));
    await davit.ok('push', `${address}/app`);
    await davit.ok('rmi', `${address}/app`);
    await davit.ok('run', '--rm', `${address}/app`, 'true');
  });
});
