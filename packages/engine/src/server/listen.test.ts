import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { routes } from '@davit/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setLogLevel } from '../log.ts';
import { inheritedSockets } from './activation.ts';
import { formatHost, isLoopback, parseHost } from './hosts.ts';
import { type Listener, type ListenSettings, listen } from './listen.ts';
import { createApiServer } from './server.ts';

const api = createApiServer({ engineVersion: '0' });
api.add(routes.ping, async () => 'OK');
api.add(routes.containerAttach, async ({ hijack }) => {
  const stream = hijack('application/vnd.docker.raw-stream');
  for await (const chunk of stream) stream.write(chunk);
  stream.write('!');
  return undefined;
});
const listeners: Listener[] = [];
let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(async () => {
  setLogLevel('fatal');
  directory = await mkdtemp(join(tmpdir(), 'davit-listen-'));
});

afterAll(async () => {
  for (const listener of listeners) listener.close();
  await api.close(0);
  await rm(directory, { recursive: true });
});

const settings = (change: Partial<ListenSettings> = {}): ListenSettings => ({
  group: '0',
  tls: { enabled: false, verify: false, caCert: '', cert: '', key: '' },
  insecure: false,
  inherited: [],
  ...change,
});

test('hosts are read and written as docker does', () => {
  expect(parseHost('unix:///run/a b.sock', false)).toEqual({ kind: 'unix', path: '/run/a b.sock' });
  expect(parseHost('tcp://127.0.0.1', true)).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 2376 });
  expect(parseHost('tcp://[::1]:99', false)).toEqual({ kind: 'tcp', host: '::1', port: 99 });
  expect(parseHost('0.0.0.0:2375', false)).toEqual({ kind: 'tcp', host: '0.0.0.0', port: 2375 });
  expect(parseHost('tcp://:1', false)).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 1 });
  expect(parseHost('fd://', false)).toEqual({ kind: 'fd' });
  expect(formatHost(parseHost('tcp://[::1]:99', false))).toBe('tcp://[::1]:99');
  for (const bad of [
    'unix://relative',
    'ssh://a',
    'tcp://a:b',
    'tcp://a:0',
    'tcp://a:99999',
    'npipe://x',
    '/run/x',
  ])
    expect(() => parseHost(bad, false)).toThrow(/^invalid host/);
  expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
  expect(['', '0.0.0.0', '::', '10.0.0.1', '127.evil.example'].some(isLoopback)).toBe(false);
});

test('inherited sockets are those that were passed to this process', () => {
  expect(inheritedSockets({ LISTEN_PID: '7', LISTEN_FDS: '2' }, 7)).toEqual([3, 4]);
  expect(inheritedSockets({ LISTEN_PID: '8', LISTEN_FDS: '2' }, 7)).toEqual([]);
  expect(inheritedSockets({ LISTEN_PID: '8', LISTEN_FDS: '2', DAVITD_LISTEN_FDS: '1' }, 7)).toEqual([3]);
  expect(inheritedSockets({ LISTEN_PID: '7', LISTEN_FDS: 'x' }, 7)).toEqual([]);
});

test('a socket is for its group only, and replaces one that a dead engine left', async () => {
  const path = file('sub/d.sock');
  listeners.push(...(await listen({ kind: 'unix', path }, settings(), api.open)));
  expect((await stat(path)).mode & 0o777).toBe(0o660);
  expect((await stat(file('sub'))).mode & 0o777).toBe(0o711);
  await expect(listen({ kind: 'unix', path }, settings(), api.open)).rejects.toThrow(
    `something listens on ${path} already`,
  );
  const stale = file('stale.sock');
  const leave = `require('net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`;
  expect(() => execFileSync(process.execPath, ['-e', leave])).toThrow();
  listeners.push(...(await listen({ kind: 'unix', path: stale }, settings(), api.open)));
  await writeFile(file('precious'), 'text');
  await expect(listen({ kind: 'unix', path: file('precious') }, settings(), api.open)).rejects.toThrow(
    'is no socket',
  );
  await expect(
    listen({ kind: 'unix', path: file('g.sock') }, settings({ group: 'no-such-group' }), api.open),
  ).rejects.toThrow('does not exist');
});

test('an address that others reach is served with client certificates or not at all', async () => {
  const everywhere = { kind: 'tcp', host: '0.0.0.0', port: 1 } as const;
  await expect(listen(everywhere, settings(), api.open)).rejects.toThrow('--tls=false');
  const encrypted = { ...settings().tls, enabled: true };
  await expect(listen(everywhere, settings({ tls: encrypted }), api.open)).rejects.toThrow('--tlsverify');
});

function makeCertificates(): ListenSettings['tls'] {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: directory });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=ca');
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key'],
      ...['-CAcreateserial', '-out', `${name}.pem`],
    );
  }
  return {
    enabled: true,
    verify: true,
    caCert: file('ca.pem'),
    cert: file('server.pem'),
    key: file('server.key'),
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test.skipIf(!hasOpenssl)(
  'TLS demands the certificate of a client, and carries taken-over connections',
  async () => {
    const tls = makeCertificates();
    const port = await freePort();
    listeners.push(...(await listen({ kind: 'tcp', host: '127.0.0.1', port }, settings({ tls }), api.open)));
    const read = (name: string) => readFileSync(file(name));
    const client = {
      ...{ host: '127.0.0.1', port, ca: read('ca.pem'), servername: 'server' },
      checkServerIdentity: () => undefined,
    };
    const identity = { cert: read('client.pem'), key: read('client.key') };
    const ping = (options: object) =>
      new Promise<string>((resolve, reject) => {
        const asked = request({ ...client, ...options, path: '/_ping', agent: false }, (response) => {
          text(response).then(resolve, reject);
        });
        asked.on('error', reject);
        asked.end();
      });
    expect(await ping(identity)).toBe('OK');
    await expect(ping({})).rejects.toThrow();
    const halfOpen = { ...client, ...identity, allowHalfOpen: true };
    const socket = connectTls(halfOpen);
    socket.write(
      'POST /containers/a/attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
    );
    socket.end('over TLS');
    expect((await text(socket)).split('\r\n\r\n')[1]).toBe('over TLS!');
    await expect(
      listen(
        { kind: 'tcp', host: '127.0.0.1', port: 1 },
        settings({ tls: { ...tls, key: '/nosuch' } }),
        api.open,
      ),
    ).rejects.toThrow('cannot read the file of --tlskey');
  },
);
