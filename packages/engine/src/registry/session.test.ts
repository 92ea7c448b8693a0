import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRegistryClient } from './client.ts';
import { anonymous, type Credentials } from './credentials.ts';
import { downloadBlob } from './download.ts';
import { fetchManifest } from './manifests.ts';
import { digestOf, type FakeRegistry, startFakeRegistry } from './registry.fixture.ts';
import type { Session } from './session.ts';
import { pushBlob } from './upload.ts';

let registry: FakeRegistry;
let other: FakeRegistry;
beforeEach(async () => {
  registry = await startFakeRegistry();
  other = await startFakeRegistry();
});
afterEach(() => {
  registry.close();
  other.close();
});

const user: Credentials = { ...anonymous, username: 'user', password: 'secret' };
const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`;

function open<T>(work: (session: Session) => Promise<T>, credentials = anonymous): Promise<T> {
  const client = createRegistryClient({
    config: { insecureRegistries: [], registryMirrors: [] },
    ...{ certificateFolders: [], environment: {} },
  });
  const place = { domain: registry.address, credentials, scopes: ['repository:x:pull'], pulling: true };
  return client.open(place, (session) => work(session));
}

const fetch = ({ digest, size }: { digest: string; size: number }, credentials = anonymous) =>
  open((session) => buffer(downloadBlob(session, 'x', { digest, size })), credentials);

const content = Buffer.from('0123456789'.repeat(10_000));

test('goes on where a connection broke, whether the registry knows ranges or not', async () => {
  const blob = registry.addBlob(content);
  for (const knowsRanges of [true, false]) {
    let breaks = 2;
    registry.seen.length = 0;
    registry.hook = (request, response) => {
      if (!knowsRanges) delete request.headers.range;
      if (!request.url?.includes('/blobs/') || breaks-- <= 0) return false;
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      const partly = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': content.length - start, ...partly });
      response.write(content.subarray(start, start + 30_000), () => response.destroy());
      return true;
    };
    expect((await fetch(blob)).equals(content)).toBe(true);
    expect(registry.seen.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(3);
  }
});

test('does not take more than was announced, nor another part than it asked for', async () => {
  const blob = registry.addBlob(content);
  await expect(fetch({ ...blob, size: 10 })).rejects.toThrow('has more than its 10 bytes');
  let first = true;
  registry.hook = (request, response) => {
    if (!request.url?.includes('/blobs/')) return false;
    if (!first) response.writeHead(206, { 'content-range': 'bytes 7-9/10' }).end('xxx');
    else response.writeHead(200).write('0123', () => response.destroy());
    first = false;
    return true;
  };
  await expect(fetch(blob)).rejects.toThrow('answered with another part');
});

test('shows nobody else who asks: credentials do not follow a redirect to another host', async () => {
  const blob = registry.addBlob(content);
  other.addBlob(content);
  registry.hook = (request, response) => {
    if (request.headers.authorization === undefined)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    else if (request.url?.includes('/blobs/'))
      response.writeHead(307, { location: `http://${other.address}${request.url}` }).end();
    else return false;
    return true;
  };
  expect((await fetch(blob, user)).equals(content)).toBe(true);
  expect(registry.seen.at(-1)?.authorization).toBe(basic);
  expect(other.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
});

test('does not follow redirects for ever', async () => {
  registry.hook = (request, response) => {
    if (!request.url?.includes('/blobs/')) return false;
    response.writeHead(302, { location: request.url }).end();
    return true;
  };
  await expect(fetch({ digest: digestOf(content), size: 1 })).rejects.toThrow('leads nowhere');
});

test('gives up when it is not let in, without asking for ever', async () => {
  registry.hook = (_request, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    return true;
  };
  await expect(fetch({ digest: digestOf(''), size: 1 })).rejects.toThrow('no basic auth credentials');
  await expect(fetch({ digest: digestOf(''), size: 1 }, user)).rejects.toThrow('unauthorized');
  registry.hook = (request, response) => {
    if (request.url?.startsWith('/token')) response.writeHead(200).end('{"token":"t"}');
    else {
      const realm = `Bearer realm="http://${registry.address}/token",service="s"`;
      response.writeHead(401, { 'www-authenticate': realm }).end();
    }
    return true;
  };
  registry.seen.length = 0;
  await expect(fetch({ digest: digestOf(''), size: 1 })).rejects.toThrow('authentication required');
  expect(registry.seen.length).toBeLessThan(10);
});

test('asks a token server for what it needs, with name and password, or the token it has', async () => {
  const forms: string[] = [];
  registry.hook = (request, response) => {
    if (request.url?.startsWith('/token')) {
      request.on('data', (chunk) => forms.push(String(chunk)));
      request.once('end', () => response.end('{"access_token":"granted"}'));
      return true;
    }
    if (request.headers.authorization === 'Bearer granted') return false;
    const realm = `Bearer realm="http://${registry.address}/token",service="s"`;
    response.writeHead(401, { 'www-authenticate': realm }).end();
    return true;
  };
  const blob = registry.addBlob(content);
  await fetch(blob, user);
  const asked = registry.seen.find(({ path }) => path.startsWith('/token'));
  expect(asked).toMatchObject({ method: 'GET', authorization: basic });
  expect(new URLSearchParams(asked?.path.split('?')[1]).get('scope')).toBe('repository:x:pull');
  await fetch(blob, { ...anonymous, identityToken: 'lasting' });
  expect(Object.fromEntries(new URLSearchParams(forms.join('')))).toMatchObject({
    ...{ grant_type: 'refresh_token', refresh_token: 'lasting', service: 's', scope: 'repository:x:pull' },
  });
  registry.seen.length = 0;
  await expect(fetch(blob, { ...anonymous, registryToken: 'granted' })).resolves.toBeDefined();
  expect(registry.seen.some(({ path }) => path.startsWith('/token'))).toBe(false);
});

test.each([429, 503])('waits as long as a busy registry says (%d)', async (status) => {
  registry.addManifest('x:1', { schemaVersion: 2 });
  let busy = 2;
  registry.hook = (request, response) => {
    if (!request.url?.includes('/manifests/') || busy-- <= 0) return false;
    response.writeHead(status, { 'retry-after': '0' }).end();
    return true;
  };
  const { content: manifest } = await open((session) => fetchManifest(session, 'x', '1'));
  expect(String(manifest)).toBe('{"schemaVersion":2}');
});

test('refuses a manifest that is not the one its digest names, or is endless', async () => {
  const digest = registry.addManifest('x:1', { schemaVersion: 2 });
  registry.manifests.set(`x@${digest}`, { mediaType: '', content: Buffer.from('{}') });
  await expect(open((session) => fetchManifest(session, 'x', digest))).rejects.toThrow(
    `manifest verification failed for digest ${digest}`,
  );
  registry.addManifest('x:large', Buffer.alloc(5_000_000, ' '));
  await expect(open((session) => fetchManifest(session, 'x', 'large'))).rejects.toThrow('more than 4194304');
});

test('sends a large blob on from where a connection broke', async () => {
  const large = Buffer.alloc(3_000_000, 'large');
  const digest = digestOf(large);
  const starts: number[] = [];
  let breaks = 1;
  registry.hook = (request) => {
    if (request.method !== 'PATCH' || breaks-- <= 0) return false;
    request.destroy();
    return true;
  };
  const opened = async (start: number) => {
    starts.push(start);
    return Readable.from([large.subarray(start)]);
  };
  const blob = { digest, size: large.length, open: opened };
  expect(await open((session) => pushBlob(session, 'x', blob, []))).toEqual({ how: 'uploaded' });
  expect(registry.blobs.get(digest)?.equals(large)).toBe(true);
  expect(starts.length).toBeGreaterThan(1);
});
