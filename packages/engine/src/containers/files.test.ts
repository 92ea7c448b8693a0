import { containerConfig, endpointSettings, hostConfig } from '@davit/api';
import { expect, test } from 'vitest';
import type { Sandbox } from '../networks/service.ts';
import { hostsFile, resolvFile } from './files.ts';

const sandbox: Sandbox = {
  key: '/run/netns/x',
  networks: { bridge: endpointSettings({ IPAddress: '172.30.0.2' }, '') },
  ports: {},
  gateway: '172.30.0.1',
  dns: { servers: ['172.30.0.1'], search: ['lan'], options: ['edns0'] },
  sysctls: {},
};

test('hosts names the container, its neighbours and what the user added', () => {
  const config = containerConfig({ Hostname: 'web', Domainname: 'example.test' }, '');
  const host = hostConfig({ ExtraHosts: ['db:10.1.1.1', 'up:host-gateway'] }, '');
  expect(hostsFile(config, host, sandbox).split('\n')).toEqual([
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::\tip6-localnet',
    'ff00::\tip6-mcastprefix',
    'ff02::1\tip6-allnodes',
    'ff02::2\tip6-allrouters',
    '10.1.1.1\tdb',
    '172.30.0.1\tup',
    '172.30.0.2\tweb.example.test web',
    '',
  ]);
});

test('resolv.conf is the network’s, but for what the user asked for', () => {
  expect(resolvFile(hostConfig({}, ''), sandbox)).toBe('search lan\nnameserver 172.30.0.1\noptions edns0\n');
  const asked = hostConfig({ Dns: ['10.9.9.9', '10.9.9.8'], DnsSearch: ['.'], DnsOptions: ['ndots:3'] }, '');
  expect(resolvFile(asked, sandbox)).toBe('nameserver 10.9.9.9\nnameserver 10.9.9.8\noptions ndots:3\n');
});
