import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from './support/command.ts';
import { otherAddress } from './support/network-namespace.ts';
import { ownSettings } from './support/own-settings.ts';
import { createAuthority, type TestRegistry, useRegistries } from './support/registry.ts';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

/*
 * How an engine reaches registries: by mirrors, by proxies that its settings and its environment name, and without
 * them where that was said.
 */

const folder = mkdtempSync(`${tmpdir()}/davit-test-`);
const settings = `${folder}/daemon.json`;
const mirror = '127.0.0.1:5001';
const direct = `${otherAddress}:5003`;
writeFileSync(
  settings,
  JSON.stringify({
    'registry-mirrors': [`http://${mirror}`],
    'insecure-registries': ['plain.test:5002', direct],
    proxies: { 'http-proxy': 'http://127.0.0.1:3128', 'no-proxy': `${otherAddress}:5003,other.test` },
  }),
);

const own = ownSettings(folder);
const { davit, engine } = await useEngine({
  engine: 'davitd',
  client: 'davit',
  args: ['--config-file', settings],
  inside: [...own.inside, 'env', 'HTTPS_PROXY=127.0.0.1:3128'],
});

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
  rmSync(folder, { recursive: true });
});

const registry = useRegistries(engine);

/** Starts a proxy beside the engine; returns what it was asked for since the last call. */
async function startProxy(...hosts: string[]): Promise<() => string[]> {
  const log = `${engine.directory}/proxy.log`;
  const script = new URL('support/proxy-server.ts', import.meta.url).pathname;
  const [program = '', ...rest] = engine.network.enter([process.execPath, script, '3128', log, ...hosts]);
  const started = start(program, rest, { env: process.env, timeout: 600_000 });
  await started.prints('listening');
  closing.push(async () => {
    started.signal('SIGTERM');
    await started.done;
  });
  let read = 0;
  return () => {
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
    const fresh = lines.slice(read);
    read = lines.length;
    return fresh;
  };
}

/** Waits until a registry has logged this after the first `from` characters of its log: it answers before. */
const logs = (registry: TestRegistry, text: string, from = 0) =>
  waitFor(() => registry.log().slice(from).includes(text), `${text} in the log of ${registry.address}`);

const hub = 'registry-1.docker.io';
let copy: TestRegistry;
let asked: () => string[];
beforeAll(async () => {
  copy = await registry(5001);
  await registry(5002);
  await registry(5003, { host: otherAddress });
  asked = await startProxy('plain.test:5002=5002', `${hub}:443=5004`);
});

describe('a mirror', () => {
  it('is told of, and asked first for what is in the hub, but for nothing else', async () => {
    expect(await davit.ok('info', '-f', '{{json .RegistryConfig.Mirrors}}')).toBe(`["http://${mirror}/"]`);
    await davit.ok('tag', 'busybox', `${mirror}/library/mirrored:1`);
    await davit.ok('push', `${mirror}/library/mirrored:1`);
    await davit.ok('rmi', `${mirror}/library/mirrored:1`);
    asked();
    expect(await davit.ok('pull', 'mirrored:1')).toContain(
      'Status: Downloaded newer image for mirrored:1\ndocker.io/library/mirrored:1',
    );
    await logs(copy, 'GET /v2/library/mirrored/manifests/1');
    expect(asked()).toEqual([]);
    expect(await davit.ok('images', '--format', '{{.Repository}}:{{.Tag}}', 'mirrored')).toBe('mirrored:1');
    const before = copy.log().length;
    const { stderr } = await davit('pull', `${direct}/nothing:here`);
    expect(stderr).toContain('not found');
    await copy.request('/v2/later/tags/list');
    await logs(copy, '/v2/later/tags/list', before);
    expect(copy.log().slice(before)).not.toContain('nothing');
  });

  it('that lacks an image leaves it to the hub, which is reached by the proxy of the environment', async () => {
    const authority = await createAuthority(`${engine.directory}/authority`, hub);
    const { server, serverKey, ca } = authority;
    const tls = { certificate: server, key: serverKey };
    const data = `${engine.directory}/hub`;
    await registry(5004, { tls, data });
    // The same content by another way, for pushing needs an account.
    await registry(5005, { data });
    await davit.ok('tag', 'busybox', '127.0.0.1:5005/library/original');
    await davit.ok('push', '127.0.0.1:5005/library/original');
    const trusted = `${own.folder}/certs.d/docker.io`;
    mkdirSync(trusted, { recursive: true });
    copyFileSync(ca, `${trusted}/ca.crt`);
    asked();
    const before = copy.log().length;
    await davit.ok('pull', 'original');
    await logs(copy, '/v2/library/original/manifests/latest', before);
    expect(new Set(asked())).toEqual(new Set([`CONNECT ${hub}:443`]));
    // A mirror is for pulling.
    const pushed = await davit('push', 'original');
    expect(pushed.code).toBe(0);
    expect(new Set(asked())).toEqual(new Set([`CONNECT ${hub}:443`]));
  });
});

/** An index with the API of docker's hub, that finds two images whatever is looked for. */
const index = `require('node:http').createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://index');
  const [q, n] = [searchParams.get('q'), searchParams.get('n')];
  if (pathname !== '/v1/search') return response.writeHead(404).end();
  const results = [
    { name: 'library/' + q, description: 'found with n=' + n, star_count: 12, is_official: true },
    { name: 'user/' + q, description: 'of a user', star_count: 3, is_official: false },
  ];
  response.end(JSON.stringify({ num_results: 2, query: q, results }));
}).listen(5006, '127.0.0.1', () => console.log('listening'));`;

describe('search', () => {
  it('asks the host that the term begins with, and filters and formats what it finds', async () => {
    const [program = '', ...rest] = engine.network.enter([process.execPath, '-e', index]);
    const server = start(program, rest, { env: process.env, timeout: 600_000 });
    await server.prints('listening');
    try {
      const table = await davit.ok('search', '--limit', '7', '127.0.0.1:5006/tool');
      expect(table.split('\n').map((line) => line.trimEnd().split(/ {2,}/))).toEqual([
        ['NAME', 'DESCRIPTION', 'STARS', 'OFFICIAL'],
        ['library/tool', 'found with n=7', '12', '[OK]'],
        ['user/tool', 'of a user', '3'],
      ]);
      const few = ['search', '--filter', 'stars=5', '--format', '{{.Name}} {{.IsOfficial}}'];
      expect(await davit.ok(...few, '127.0.0.1:5006/tool')).toBe('library/tool [OK]');
      expect((await davit('search', '127.0.0.1:5007/tool')).stderr).toContain('connection refused');
    } finally {
      server.signal('SIGTERM');
      await server.done;
    }
  });
});

describe('a proxy', () => {
  it('of the settings is used for what is fetched without TLS, when the way with TLS is closed', async () => {
    const name = 'plain.test:5002/team/app';
    await davit.ok('tag', 'busybox', name);
    asked();
    await davit.ok('push', name);
    const pushing = asked();
    expect(pushing[0]).toBe('CONNECT plain.test:5002');
    expect(pushing).toContain('PUT http://plain.test:5002/v2/team/app/manifests/latest');
    await davit.ok('rmi', name);
    await davit.ok('pull', name);
    expect(asked()).toContain('GET http://plain.test:5002/v2/team/app/manifests/latest');
  });

  it('is not asked for what is said to be reached without it, nor for this machine', async () => {
    asked();
    await davit.ok('tag', 'busybox', `${direct}/app`);
    await davit.ok('push', `${direct}/app`);
    expect(asked()).toEqual([]);
  });

  it('that knows no way is told of, and so are both', async () => {
    const { code, stderr } = await davit('pull', 'unknown.test/app');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error response from daemon: Get "https:\/\/unknown\.test\/v2\/": .*502/);
    expect(asked()).toContain('CONNECT unknown.test:443');
    expect(await davit.ok('info', '-f', '{{.HTTPProxy}} {{.HTTPSProxy}} {{.NoProxy}}')).toBe(
      `http://127.0.0.1:3128/ 127.0.0.1:3128 ${otherAddress}:5003,other.test`,
    );
  });
});
