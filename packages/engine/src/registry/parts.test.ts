import { describe, expect, test } from 'vitest';
import { parseChallenges } from './challenge.ts';
import { anonymous, credentialsOf, decodeCredentials, lenientCredentials } from './credentials.ts';
import { endpointsOf, isInsecure } from './endpoints.ts';

describe('parseChallenges', () => {
  test('reads schemes and their parameters', () => {
    const header =
      'Bearer realm="https://auth.example/token",service="a, \\"b\\"" , scope=x, Basic realm="y"';
    expect(parseChallenges(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: { realm: 'https://auth.example/token', service: 'a, "b"', scope: 'x' },
      },
      { scheme: 'basic', parameters: { realm: 'y' } },
    ]);
    expect(parseChallenges('Negotiate')).toEqual([{ scheme: 'negotiate', parameters: {} }]);
  });
  test.each(['', ',,,', '"', '=', 'realm="x"', 'Bearer realm="unclosed'])('bears %j', (header) => {
    expect(Array.isArray(parseChallenges(header))).toBe(true);
  });
});

describe('credentials', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  test('come in a header', () => {
    expect(decodeCredentials(undefined)).toEqual(anonymous);
    expect(decodeCredentials(encode({ username: 'u', password: 'p/+ü' }))).toMatchObject({
      ...{ username: 'u', password: 'p/+ü' },
    });
    expect(decodeCredentials(encode({ identitytoken: 't' }))).toMatchObject({ identityToken: 't' });
    expect(credentialsOf({ auth: Buffer.from('u:p:q').toString('base64') })).toMatchObject({
      ...{ username: 'u', password: 'p:q' },
    });
  });
  test('that cannot be read are refused, except for pulling', () => {
    expect(() => decodeCredentials('no JSON')).toThrow('invalid X-Registry-Auth header');
    expect(() => decodeCredentials(encode(null))).toThrow('invalid registry credentials');
    expect(lenientCredentials('no JSON')).toEqual(anonymous);
  });
});

describe('endpoints', () => {
  test.each([
    ['127.0.0.1:5000', true],
    ['127.9.9.9', true],
    ['localhost:5000', true],
    ['[::1]:5000', true],
    ['10.1.2.3:5000', true],
    ['10.2.2.3:5000', false],
    ['lax.example', true],
    ['lax.example:5000', true],
    ['port.example:5000', true],
    ['port.example', false],
    ['example.com', false],
  ])('know that %s may be insecure: %j', (domain, insecure) => {
    expect(isInsecure(domain, ['10.1.0.0/16', 'lax.example', 'port.example:5000'])).toBe(insecure);
  });
  test('are tried in their order', () => {
    const config = { insecureRegistries: [], registryMirrors: ['http://127.0.0.1:1/', 'https://mirror/'] };
    const urls = (domain: string, pulling: boolean) =>
      endpointsOf(domain, config, pulling).map(({ url }) => url.href);
    expect(urls('docker.io', true)).toEqual([
      ...['http://127.0.0.1:1/', 'https://mirror/', 'https://registry-1.docker.io/'],
    ]);
    expect(urls('docker.io', false)).toEqual(['https://registry-1.docker.io/']);
    expect(urls('example.com', true)).toEqual(['https://example.com/']);
    expect(urls('127.0.0.1:5000', true)).toEqual(['https://127.0.0.1:5000/', 'http://127.0.0.1:5000/']);
  });
});
