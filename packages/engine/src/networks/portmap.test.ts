import { describe, expect, it } from 'vitest';
import { collide, type PublishedPort, parsePortRequests, portMapOf, publishedIn } from './portmap.ts';

const nothing = { portBindings: null, exposedPorts: [], publishAll: false };

describe('port bindings', () => {
  it('are read in order of the container port, those that any port will do for last', () => {
    const portBindings = {
      '443/tcp': [{ HostIp: '127.0.0.1', HostPort: '8443' }],
      '53/udp': [{ HostIp: '', HostPort: '' }],
      '80': [
        { HostIp: '', HostPort: '8000-8010' },
        { HostIp: '[::1]', HostPort: '80' },
      ],
      '99/tcp': [],
    };
    expect(parsePortRequests({ ...nothing, portBindings })).toEqual([
      { containerPort: 80, protocol: 'tcp', hostIp: '', first: 8000, last: 8010 },
      { containerPort: 80, protocol: 'tcp', hostIp: '::1', first: 80, last: 80 },
      { containerPort: 443, protocol: 'tcp', hostIp: '127.0.0.1', first: 8443, last: 8443 },
      { containerPort: 53, protocol: 'udp', hostIp: '', first: 0, last: 0 },
    ]);
  });

  it('are completed by what is exposed, with publishAll', () => {
    const options = {
      portBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] },
      exposedPorts: ['80/tcp', '81-82/udp'],
      publishAll: true,
    };
    expect(parsePortRequests(options).map(({ containerPort, first }) => [containerPort, first])).toEqual([
      [80, 8080],
      [81, 0],
      [82, 0],
    ]);
    expect(parsePortRequests({ ...options, publishAll: false })).toHaveLength(1);
  });

  it.each([
    ['0/tcp', '80', '', 'invalid port specification: "0"'],
    ['65536/tcp', '80', '', 'invalid port specification: "65536"'],
    ['x', '80', '', 'invalid port specification: "x"'],
    ['80/icmp', '80', '', 'invalid proto: icmp'],
    ['80/tcp', '99999', '', 'invalid port specification: "99999"'],
    ['80/tcp', '9-8', '', 'invalid port specification: "9-8"'],
    ['80/tcp', '80 }; flush ruleset', '', 'invalid port specification: "80 }; flush ruleset"'],
    ['80/tcp', '80', 'localhost', 'invalid IP address: localhost'],
    ['80/tcp', '80', '1.2.3.4 accept', 'invalid IP address: 1.2.3.4 accept'],
  ])('of %s to %s on %j are refused', (name, HostPort, HostIp, message) => {
    const portBindings = { [name]: [{ HostIp, HostPort }] };
    expect(() => parsePortRequests({ ...nothing, portBindings })).toThrow(message);
  });

  it('are shown with what is exposed alone as null, and read back', () => {
    const published: PublishedPort[] = [
      { containerPort: 80, protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080 },
      { containerPort: 80, protocol: 'tcp', hostIp: '::', hostPort: 8080 },
    ];
    const map = portMapOf(published, { ...nothing, exposedPorts: ['80/tcp', '90/udp'] });
    expect(map).toEqual({
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
      '90/udp': null,
    });
    expect(publishedIn(map)).toEqual(published);
  });
});

describe('ports of the host', () => {
  it.each([
    ['tcp 0.0.0.0 80', 'tcp 0.0.0.0 80', true],
    ['tcp 127.0.0.1 80', 'tcp 0.0.0.0 80', true],
    ['tcp 127.0.0.1 80', 'tcp 127.0.0.2 80', false],
    ['tcp 0.0.0.0 80', 'udp 0.0.0.0 80', false],
    ['tcp 0.0.0.0 80', 'tcp 0.0.0.0 81', false],
    ['tcp 0.0.0.0 80', 'tcp :: 80', false],
    ['tcp ::1 80', 'tcp :: 80', true],
  ])('%s and %s collide: %s', (first, second, expected) => {
    const read = (text: string) => {
      const [protocol, hostIp = '', port] = text.split(' ');
      return {
        protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
        hostIp,
        hostPort: Number(port),
      };
    };
    expect(collide(read(first), read(second))).toBe(expected);
    expect(collide(read(second), read(first))).toBe(expected);
  });
});
