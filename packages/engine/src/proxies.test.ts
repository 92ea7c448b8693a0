import { describe, expect, test } from 'vitest';
import { checkProxy, createProxyChooser, proxiesForPrograms } from './proxies.ts';

const proxied = (environment: NodeJS.ProcessEnv, url: string) =>
  createProxyChooser(environment)(new URL(url));
const both = { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'q:2' };

describe('createProxyChooser', () => {
  test('goes by the scheme of what is asked for, and takes variables in large letters first', () => {
    expect(proxied(both, 'http://a.example/')).toBe('http://p:1/');
    expect(proxied(both, 'https://a.example/')).toBe('http://q:2/');
    expect(proxied({ HTTP_PROXY: 'http://p:1' }, 'https://a.example/')).toBeNull();
    expect(proxied({ http_proxy: 'small', HTTP_PROXY: 'LARGE' }, 'http://a.example/')).toBe('http://large/');
    expect(proxied({ https_proxy: 'https://me:pass@small' }, 'https://a/')).toBe('https://me:pass@small/');
    expect(proxied({}, 'https://a.example/')).toBeNull();
  });

  test.each(['localhost:5000', '127.0.0.1:5000', '127.9.9.9', '[::1]:5000'])('never for %s', (host) => {
    expect(proxied(both, `http://${host}/`)).toBeNull();
  });

  test.each<[exceptions: string, host: string, isCovered: boolean]>([
    ['*', 'anything.example', true],
    ['a.example', 'a.example', true],
    ['a.example', 'b.a.example', true],
    ['a.example', 'ba.example', false],
    ['.a.example', 'a.example', false],
    ['.a.example', 'b.a.example', true],
    ['*.a.example', 'b.a.example', true],
    ['A.Example', 'a.example', true],
    ['x, ,a.example:5000', 'a.example:5000', true],
    ['a.example:5000', 'a.example:5001', false],
    ['a.example:443', 'a.example', true],
    ['10.0.0.0/8', '10.1.2.3:5000', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.1.2.3', '10.1.2.3:5000', true],
    ['10.1.2.3:5000', '10.1.2.3:5001', false],
    ['fd00::/16', '[fd00::1]:5000', true],
    ['fd00::1', '[fd00::1]', true],
    ['[fd00::1]:5000', '[fd00::1]:5000', true],
    ['[fd00::1]:5000', '[fd00::1]:5001', false],
    ['10.0.0.0/99', '10.0.0.0', false],
    [',', 'a.example', false],
  ])('NO_PROXY=%s covers %s: %j', (exceptions, host, isCovered) => {
    expect(proxied({ ...both, NO_PROXY: exceptions }, `https://${host}/`) === null).toBe(isCovered);
  });
});

test.each([
  ['socks5://p', 'invalid proxy: socks5:// is not supported'],
  ['http://', 'it is no URL'],
  ['http://p:port', 'it is no URL'],
  ['a b', 'it is no URL'],
])('the proxy %s is refused, and no password told', (proxy, message) => {
  expect(() => checkProxy(proxy)).toThrow(message);
});

test('programs get the variables in the letters they look for', () => {
  expect(proxiesForPrograms({ HTTP_PROXY: 'x', no_proxy: 'y', PATH: 'z' })).toEqual({
    http_proxy: 'x',
    no_proxy: 'y',
  });
});
