import { describe, expect, it } from 'vitest';
import { isAddress, parsePorts } from './ports.ts';

describe('parsePorts', () => {
  it.each([
    ['80', { '80/tcp': [{ HostIp: '', HostPort: '' }] }],
    ['8080:80', { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }],
    ['53:53/UDP', { '53/udp': [{ HostIp: '', HostPort: '53' }] }],
    ['127.0.0.1:8080:80', { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] }],
    ['127.0.0.1::80', { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] }],
    ['[::1]:8080:80', { '80/tcp': [{ HostIp: '::1', HostPort: '8080' }] }],
    ['8000-8010:80', { '80/tcp': [{ HostIp: '', HostPort: '8000-8010' }] }],
    ['published=8080,target=80,protocol=udp', { '80/udp': [{ HostIp: '', HostPort: '8080' }] }],
    [
      '8000-8001:80-81',
      { '80/tcp': [{ HostIp: '', HostPort: '8000' }], '81/tcp': [{ HostIp: '', HostPort: '8001' }] },
    ],
  ])('publishes %s', (spec, bindings) => {
    expect(parsePorts([spec], [])).toEqual({
      bindings,
      exposed: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    });
  });

  it('gathers several bindings of one port', () => {
    expect(parsePorts(['80:80', '81:80'], []).bindings['80/tcp']).toHaveLength(2);
  });

  it('exposes ports and ranges of them', () => {
    expect(Object.keys(parsePorts(['80'], ['80', '90-91/udp']).exposed)).toEqual([
      '80/tcp',
      '90/udp',
      '91/udp',
    ]);
  });

  it.each([
    ['80:', 'no port specified: 80:<empty>'],
    ['foo', 'invalid containerPort: foo'],
    ['70000:80', 'invalid hostPort: 70000'],
    ['80:80/icmp', 'invalid proto: icmp'],
    ['1-2:80-90', 'invalid ranges specified for container and host Ports: 80-90 and 1-2'],
    ['1.2.3:80:80', 'invalid IP address: 1.2.3'],
    ['published=x,target=80', 'invalid hostPort: x'],
    ['=x', "invalid publish opts format (should be name=value but got '=x')"],
  ])('refuses to publish %s', (spec, message) => {
    expect(() => parsePorts([spec], [])).toThrow(message);
  });

  it.each([
    ['a:b', 'invalid port format for --expose: a:b'],
    ['', 'invalid range format for --expose: , error: empty string specified for ports'],
    [
      'foo',
      'invalid range format for --expose: foo, error: strconv.ParseUint: parsing "foo": invalid syntax',
    ],
    [
      '70000',
      'invalid range format for --expose: 70000, error: strconv.ParseUint: parsing "70000": value out of range',
    ],
    ['80-70', 'invalid range format for --expose: 80-70, error: invalid range specified for port: 80-70'],
  ])('refuses to expose "%s"', (spec, message) => {
    expect(() => parsePorts([], [spec])).toThrow(message);
  });
});

describe('isAddress', () => {
  it.each([
    ['10.0.0.1', true],
    ['::1', true],
    ['256.0.0.1', false],
    ['01.2.3.4', false],
    ['fe80::1%eth0', false],
    ['host', false],
  ])('%s: %s', (text, valid) => {
    expect(isAddress(text)).toBe(valid);
  });
});
