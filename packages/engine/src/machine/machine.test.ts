import { describe, expect, it } from 'vitest';
import { installCommand } from './install.ts';
import { kernel, namespaces, rights, seccomp } from './kernel.ts';
import { fakeMachine } from './machine.fixture.ts';
import {
  addresses,
  bridge,
  droppingChains,
  firewall,
  foreignFirewall,
  forwarding,
  ipv6,
  resolver,
  veth,
} from './network.ts';
import { init, program, runtime } from './programs.ts';
import { socket } from './service.ts';
import { room, runFolder } from './storage.ts';

const none = { defaultRuntime: '', runtimes: {} };
const yes = async () => true;
const no = async () => false;
const subnet = (base: string, prefix: number) => ({
  base: base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0),
  prefix,
});

describe('the kernel', () => {
  it('has to be new enough', () => {
    const at = (release: string) =>
      kernel(fakeMachine({ files: { '/proc/sys/kernel/osrelease': `${release}\n` } }));
    expect(at('6.1.0-13-amd64')).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/^Linux 6\.1\.0/),
    });
    expect(at('3.10.0-1160.el7')).toMatchObject({
      state: 'missing',
      remedy: expect.stringContaining('4.18'),
    });
  });

  it('has to have namespaces that can be made', async () => {
    const kinds = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup'];
    const files = Object.fromEntries(kinds.map((kind) => [`/proc/self/ns/${kind}`, '']));
    expect(await namespaces(fakeMachine({ files }))).toMatchObject({ state: 'ok' });
    const refusal = { unshare: { ok: false, output: 'unshare failed: Operation not permitted' } };
    expect(await namespaces(fakeMachine({ files, answers: refusal }))).toMatchObject({
      state: 'missing',
      detail: 'they cannot be made: unshare failed: Operation not permitted',
    });
    const { '/proc/self/ns/net': _net, ...without } = files;
    expect((await namespaces(fakeMachine({ files: without }))).detail).toBe(
      'the kernel has no network namespaces',
    );
  });

  it('tells which rights root is short of', () => {
    const status = (hex: string) => fakeMachine({ files: { '/proc/self/status': `CapEff:\t${hex}\n` } });
    expect(rights(status('000001ffffffffff'))).toMatchObject({ state: 'ok' });
    expect(rights(status('000001fffeffffff'))).toMatchObject({
      state: 'limited',
      detail: expect.stringContaining('CAP_SYS_RESOURCE'),
    });
    expect(rights(status('00000000a80425fb'))).toMatchObject({
      state: 'missing',
      detail: expect.stringContaining('CAP_SYS_ADMIN (mounts and namespaces)'),
    });
    expect(rights(fakeMachine({ root: false }))).toMatchObject({ state: 'unknown' });
  });

  it('may lack filters of system calls', () => {
    expect(seccomp(fakeMachine({}))).toMatchObject({ state: 'limited' });
    expect(seccomp(fakeMachine({ files: { '/proc/self/status': 'Seccomp:\t0\n' } }))).toMatchObject({
      state: 'ok',
    });
  });
});

describe('programs', () => {
  const conmon = { name: 'conmon', package: 'conmon', what: 'monitors', needed: true };

  it('are told with version and path, or how to install them', async () => {
    const answers = { conmon: { ok: true, output: 'conmon version 2.1.6\ncommit: x' } };
    expect((await program(conmon, fakeMachine({ programs: ['conmon'], answers }))).detail).toBe(
      '2.1.6 (/usr/bin/conmon)',
    );
    expect(await program(conmon, fakeMachine({ programs: ['apt-get'] }))).toMatchObject({
      ...{ state: 'missing', remedy: 'apt-get install conmon', packages: ['conmon'] },
    });
    expect(await program({ ...conmon, needed: false }, fakeMachine({}))).toMatchObject({
      ...{ state: 'limited', detail: 'not installed: without it there is no monitors' },
    });
  });

  it('take no version from a licence', async () => {
    const output = 'tar (GNU tar) 1.34\nLicense GPLv3+: GNU GPL version 3 or later';
    const machine = fakeMachine({ programs: ['tar'], answers: { tar: { ok: true, output } } });
    expect((await program({ ...conmon, name: 'tar' }, machine)).detail).toBe('1.34 (/usr/bin/tar)');
  });

  it('have other names elsewhere', () => {
    const packages = ['iproute2', 'xz-utils', 'xz-utils'];
    const on = (manager: string, root = true) =>
      installCommand(packages, fakeMachine({ root, programs: [manager] }));
    expect(on('dnf')).toBe('dnf install iproute xz');
    expect(on('apk', false)).toBe('sudo apk add iproute2 xz');
    expect(on('nothing')).toBe('apt-get install iproute2 xz-utils');
    expect(installCommand([], fakeMachine({}))).toBe('');
  });

  it('must hold a runtime that works', async () => {
    const both = fakeMachine({ programs: ['crun', 'runc'] });
    expect((await runtime(both, none, yes)).detail).toMatch(/^crun .*; runc is there, too$/);
    expect((await runtime(both, none, no)).detail).toMatch(/^runc .*; crun is there, too$/);
    expect(await runtime(fakeMachine({ programs: ['crun'] }), none, no)).toMatchObject({
      packages: ['runc'],
    });
    expect(await runtime(fakeMachine({ programs: ['runc'] }), none, no)).toMatchObject({ state: 'ok' });
    expect(await runtime(fakeMachine({}), none, yes)).toMatchObject({ state: 'missing', packages: ['crun'] });
    const own = { defaultRuntime: 'own', runtimes: { own: { path: 'own-runtime' } } };
    expect(await runtime(both, own, yes)).toMatchObject({ state: 'missing', packages: [] });
    expect(await runtime(fakeMachine({ programs: ['own-runtime'] }), own, yes)).toMatchObject({
      state: 'ok',
    });
  });

  it('may lack one for --init', () => {
    expect(init(fakeMachine({ programs: ['catatonit'] }), '')).toMatchObject({
      detail: '/usr/bin/catatonit',
    });
    expect(init(fakeMachine({}), '')).toMatchObject({ state: 'limited', packages: ['catatonit'] });
    expect(init(fakeMachine({}), '/x/init')).toMatchObject({ remedy: 'correct init-path' });
  });
});

describe('storage', () => {
  const at = (bytes: number, inodes = 1e6) =>
    room(fakeMachine({ files: { '/': '' }, room: { bytes, inodes, hasInodes: true } }), '/var/lib/davit');

  it('needs room and files', () => {
    expect(at(50e9).detail).toMatch(/^50\.0 GB free for \/var\/lib\/davit/);
    expect(at(50e9).state).toBe('ok');
    expect(at(1e9).state).toBe('limited');
    expect(at(1e6).state).toBe('missing');
    expect(at(50e9, 10)).toMatchObject({
      state: 'limited',
      detail: expect.stringContaining('only 10 files'),
    });
  });

  it('needs a place for sockets', () => {
    const machine = fakeMachine({ files: { '/run': '' }, readOnly: ['/run'] });
    expect(runFolder(machine, '/run/davit')).toMatchObject({
      state: 'missing',
      detail: '/run cannot be written',
    });
  });
});

describe('networks', () => {
  const programs = ['ip', 'nft', 'unshare'];

  it('are tried in a namespace of their own', async () => {
    const machine = fakeMachine({ programs });
    expect(await Promise.all([veth(machine), bridge(machine), firewall(machine)])).toMatchObject(
      Array.from({ length: 3 }, () => ({ state: 'ok' })),
    );
    expect(machine.asked.every((line) => line.startsWith('unshare --net '))).toBe(true);
    const refusing = fakeMachine({
      programs,
      answers: { unshare: { ok: false, output: 'Not supported\nmore' } },
    });
    expect(await bridge(refusing)).toMatchObject({ state: 'missing', remedy: 'modprobe bridge' });
    expect(await firewall(refusing)).toMatchObject({ detail: 'the kernel refuses the rules: Not supported' });
    expect(await veth(fakeMachine({ root: false, programs }))).toMatchObject({ state: 'unknown' });
  });

  it('meet a firewall that drops what is forwarded', async () => {
    const chain = { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', policy: 'drop' };
    const output = JSON.stringify({
      nftables: [{ metainfo: {} }, { chain }, { chain: { ...chain, policy: 'accept' } }],
    });
    expect(droppingChains(output)).toEqual([chain]);
    const machine = fakeMachine({ programs, answers: { nft: { ok: true, output } } });
    expect(await foreignFirewall(machine)).toMatchObject({
      state: 'limited',
      remedy: expect.stringContaining('iptables -I FORWARD -i davit0 -j ACCEPT'),
    });
  });

  it('need forwarding that is on or can be turned on', () => {
    const file = '/proc/sys/net/ipv4/ip_forward';
    expect(forwarding(fakeMachine({ files: { [file]: '1\n' } }))).toMatchObject({ detail: 'on' });
    expect(forwarding(fakeMachine({ files: { [file]: '0\n' } }))).toMatchObject({ state: 'ok' });
    expect(forwarding(fakeMachine({ files: { [file]: '0\n' }, readOnly: [file] }))).toMatchObject({
      remedy: 'sysctl -w net.ipv4.ip_forward=1',
    });
  });

  it('need addresses that are nobody else’s', () => {
    const settings = { bip: '', addressPools: [{ base: '10.1.0.0/23', size: 24 }] };
    expect(addresses(settings, [subnet('10.1.0.0', 24)])).toMatchObject({
      state: 'ok',
      detail: '1 of 2 pools are free, the first 10.1.1.0/24; in use on this machine: 10.1.0.0/24',
    });
    expect(addresses(settings, [subnet('10.0.0.0', 8)])).toMatchObject({ state: 'missing' });
    expect(addresses({ ...settings, bip: '10.9.0.1/16' }, [subnet('10.9.1.0', 24)])).toMatchObject({
      detail: 'bip 10.9.0.1/16 meets 10.9.1.0/24 of this machine',
    });
    // A running engine has that very network.
    expect(addresses({ ...settings, bip: '10.9.0.1/16' }, [subnet('10.9.0.0', 16)])).toMatchObject({
      state: 'ok',
    });
  });

  it('may lack IPv6 and name servers', () => {
    expect(ipv6(fakeMachine({ files: { '/proc/net/if_inet6': '' } }))).toMatchObject({ state: 'ok' });
    const off = { '/proc/net/if_inet6': '', '/proc/sys/net/ipv6/conf/all/disable_ipv6': '1\n' };
    expect(ipv6(fakeMachine({ files: off })).remedy).toMatch(/^sysctl -w/);
    const files = { '/etc/resolv.conf': 'search x\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n' };
    expect(resolver(fakeMachine({ files }), []).detail).toBe('192.0.2.1, 192.0.2.2');
    expect(resolver(fakeMachine({}), [])).toMatchObject({ state: 'limited' });
  });
});

it('the socket of an engine that does not run is no fault for root alone', async () => {
  expect(await socket(fakeMachine({}), '/nonexistent/x.sock', '')).toMatchObject({ state: 'ok' });
  expect(await socket(fakeMachine({ root: false }), '/nonexistent/x.sock', '')).toMatchObject({
    state: 'limited',
    remedy: 'sudo davit info',
  });
});
