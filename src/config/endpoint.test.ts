import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseEndpoint, type EndpointFlags, normaliseHost } from './endpoint.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-endpoint-'));
afterAll(() => rmSync(directory, { recursive: true }));

function store(name: string, host: string): void {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(directory, 'contexts', 'meta', id);
  mkdirSync(meta, { recursive: true });
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
}
store('box', 'tcp://box:2375');
store('other', 'unix:///other.sock');

const noFlags: EndpointFlags = {
  host: [],
  context: undefined,
  tls: false,
  tlscacert: undefined,
  tlscert: undefined,
  tlskey: undefined,
  tlsverify: undefined,
};

function choose(
  flags: Partial<EndpointFlags>,
  environment: Record<string, string> = {},
  currentContext = '',
) {
  return chooseEndpoint({
    flags: { ...noFlags, ...flags },
    environment,
    config: { directory, currentContext },
    socket: '/run/davit/davit.sock',
  });
}

describe('chooseEndpoint', () => {
  it('takes the bundled engine when nothing else is said', () => {
    expect(choose({})).toEqual({ host: 'unix:///run/davit/davit.sock', bundled: true, context: 'default' });
    expect(choose({ host: [''] }).bundled).toBe(true);
    expect(choose({ context: 'default' }).bundled).toBe(true);
  });

  it.each([
    [{ host: ['unix:///a.sock'] }, { DOCKER_HOST: 'tcp://b:1' }, 'box', 'unix:///a.sock'],
    [{ context: 'box' }, { DOCKER_HOST: 'tcp://b:1' }, 'other', 'tcp://box:2375'],
    [{}, { DOCKER_HOST: 'tcp://b:1', DOCKER_CONTEXT: 'box' }, 'other', 'tcp://b:1'],
    [{}, { DOCKER_CONTEXT: 'box' }, 'other', 'tcp://box:2375'],
    [{}, {}, 'other', 'unix:///other.sock'],
    [{ context: 'default' }, { DOCKER_HOST: 'tcp://b:1' }, 'other', 'tcp://b:1'],
  ])('%j with %j and context %s: %s', (flags, environment, currentContext, host) => {
    expect(choose(flags, environment, currentContext)).toMatchObject({ host, bundled: false });
  });

  it.each([
    [
      { host: ['unix:///a'], context: 'box' },
      {},
      'conflicting options: cannot specify both --host and --context',
    ],
    [
      { host: ['unix:///a', 'unix:///b'] },
      {},
      'Failed to initialize: unable to resolve docker endpoint: Specify only one -H',
    ],
    [
      { host: ['foo://bar'] },
      {},
      'Failed to initialize: unable to resolve docker endpoint: invalid bind address format: foo://bar',
    ],
    [
      {},
      { DOCKER_CONTEXT: 'gone' },
      'Failed to initialize: unable to resolve docker endpoint: context "gone": context not found: open ',
    ],
    [
      { host: ['tcp://a:1'], tlsverify: true },
      {},
      `Failed to initialize: unable to resolve docker endpoint: open ${join(directory, 'ca.pem')}: no such file or directory`,
    ],
  ])('refuses %j with %j', (flags, environment, message) => {
    expect(() => choose(flags, environment)).toThrow(message);
  });

  it('finds TLS material by environment and flags', () => {
    writeFileSync(join(directory, 'ca.pem'), '');
    writeFileSync(join(directory, 'key.pem'), '');
    expect(choose({ host: ['tcp://a'] }, { DOCKER_TLS_VERIFY: '1' })).toEqual({
      host: 'tcp://a:2376',
      bundled: false,
      context: 'default',
      tls: { ca: join(directory, 'ca.pem'), cert: undefined, key: join(directory, 'key.pem'), verify: true },
    });
    expect(choose({ host: ['tcp://a'], tls: true, tlscert: '/c.pem' }).tls).toMatchObject({
      cert: '/c.pem',
      verify: false,
    });
  });
});

describe('normaliseHost', () => {
  it.each([
    ['box', 'tcp://box:2375'],
    ['box:99', 'tcp://box:99'],
    [':99', 'tcp://localhost:99'],
    ['tcp://', 'tcp://localhost:2375'],
    ['tcp://[::1]:9', 'tcp://[::1]:9'],
    ['tcp://a:9/base', 'tcp://a:9/base'],
    ['unix://', 'unix:///var/run/docker.sock'],
    ['unix:///x.sock', 'unix:///x.sock'],
    ['ssh://me@box', 'ssh://me@box'],
  ])('completes %s', (host, whole) => {
    expect(normaliseHost(host, false)).toBe(whole);
  });
});
