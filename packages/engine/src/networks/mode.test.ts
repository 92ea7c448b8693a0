import { type ContainerConfig, containerConfig, type HostConfig, hostConfig, zero } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { checkNetworkOptions, parseNetworkMode } from './mode.ts';

describe('a network mode', () => {
  it.each([
    ['', { kind: 'bridge' }],
    ['default', { kind: 'bridge' }],
    ['bridge', { kind: 'bridge' }],
    ['none', { kind: 'none' }],
    ['host', { kind: 'host' }],
    ['container:web', { kind: 'container', container: 'web' }],
    ['containers', { kind: 'network', name: 'containers' }],
  ])('%j is read', (text, mode) => {
    expect(parseNetworkMode(text)).toEqual(mode);
  });

  it.each(['container', 'container:'])('%j is refused', (text) => {
    expect(() => parseNetworkMode(text)).toThrow(
      'Invalid network mode: invalid container format container:<name|id>',
    );
  });

  const check = (mode: string, host: Partial<HostConfig>, config: Partial<ContainerConfig>) =>
    checkNetworkOptions(
      parseNetworkMode(mode),
      { ...zero(hostConfig), ...host },
      { ...zero(containerConfig), ...config },
    );

  it.each<[string, Partial<HostConfig>, Partial<ContainerConfig>, string]>([
    ['container:a', {}, { Hostname: 'h' }, 'hostname and the network mode'],
    ['container:a', { Dns: ['1.1.1.1'] }, {}, 'dns and the network mode'],
    ['container:a', { ExtraHosts: ['a:1.1.1.1'] }, {}, 'custom host-to-IP mapping and the network mode'],
    ['container:a', { PublishAllPorts: true }, {}, 'port publishing and the container type network mode'],
    ['container:a', { PortBindings: { '80/tcp': [] } }, {}, 'port publishing and the container type'],
    [
      'container:a',
      {},
      { ExposedPorts: { '80/tcp': {} } },
      'port exposing and the container type network mode',
    ],
    ['host', {}, { MacAddress: '02:42:ac:11:00:02' }, 'mac-address and the network mode'],
  ])('%s does not go with %j %j', (mode, host, config, message) => {
    expect(() => check(mode, host, config)).toThrow(`conflicting options: ${message}`);
  });

  it('refuses addresses that are none', () => {
    expect(() => check('bridge', {}, { MacAddress: '02:42' })).toThrow('invalid MAC address: 02:42');
    expect(() => check('bridge', { Dns: ['x'] }, {})).toThrow('bad nameserver address: x');
    expect(() => check('bridge', { Dns: ['::1'] }, { Hostname: 'h' })).not.toThrow();
  });
});
