import { describe, expect, it } from 'vitest';
import { collectNetworks, isMacAddress, type NetworkFlags, parseNetwork } from './networks.ts';

const noFlags: NetworkFlags = {
  networkAlias: [],
  ip: undefined,
  ip6: undefined,
  macAddress: undefined,
  linkLocalIp: [],
  link: [],
};

const collect = (choices: string[], flags: Partial<NetworkFlags> = {}) =>
  collectNetworks(choices.map(parseNetwork), { ...noFlags, ...flags });

describe('parseNetwork', () => {
  it('reads a name or fields', () => {
    expect(parseNetwork('web').name).toBe('web');
    expect(parseNetwork('container:web').name).toBe('container:web');
    expect(parseNetwork('name=web,alias=a,alias=b,ip=10.0.0.5,driver-opt=x=1')).toMatchObject({
      name: 'web',
      aliases: ['a', 'b'],
      ip: '10.0.0.5',
      driverOptions: { x: '1' },
    });
  });

  it.each([
    ['name=a,foo=bar', 'invalid field key foo'],
    ['alias=b', 'network name/id is not specified'],
    ['name=a,mac-address=x', 'address x: invalid MAC address'],
  ])('refuses %s', (text, message) => {
    expect(() => parseNetwork(text)).toThrow(message);
  });
});

describe('collectNetworks', () => {
  it('says nothing of networks that have no settings', () => {
    expect(collect([])).toEqual({ mode: 'default', endpoints: {} });
    expect(collect(['host'])).toEqual({ mode: 'host', endpoints: {} });
  });

  it('gives the flags to the first network', () => {
    expect(collect(['a', 'name=b,alias=x'], { networkAlias: ['y'], ip: '10.0.0.2', link: ['db'] })).toEqual({
      mode: 'a',
      endpoints: {
        a: {
          Aliases: ['y'],
          Links: ['db'],
          IPAMConfig: { IPv4Address: '10.0.0.2', IPv6Address: '', LinkLocalIPs: [] },
        },
        b: { Aliases: ['x'] },
      },
    });
  });

  it.each([
    [['a', 'a'], {}, 'network "a" is specified multiple times'],
    [
      ['host', 'b'],
      {},
      'conflicting options: cannot attach both user-defined and non-user-defined network-modes',
    ],
    [[], { networkAlias: ['x'] }, 'network-scoped aliases are only supported for user-defined networks'],
    [
      ['name=a,ip=1.2.3.4'],
      { ip: '1.2.3.5' },
      'conflicting options: cannot specify both --ip and per-network IPv4 address',
    ],
  ])('refuses %j with %j', (choices, flags, message) => {
    expect(() => collect(choices, flags)).toThrow(message);
  });
});

it('isMacAddress knows lengths and separators', () => {
  expect(isMacAddress('02:42:ac:11:00:99')).toBe(true);
  expect(isMacAddress('02-42-ac-11-00-99')).toBe(true);
  expect(isMacAddress('02:42:ac:11:00')).toBe(false);
  expect(isMacAddress('foo')).toBe(false);
});
