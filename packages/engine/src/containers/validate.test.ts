import { containerConfig, hostConfig, zero } from '@davit/api';
import { expect, test } from 'vitest';
import type { HostFacts } from '../runtime/input.ts';
import { adjustResources, completeHostConfig } from './hostconfig.ts';
import { checkConfig, checkHostConfig, parseExtraHost } from './validate.ts';

const facts = {
  cgroupVersion: 2,
  architecture: 'x64',
  capabilities: [],
  hardLimits: {},
  lowestOomScore: 0,
  seccomp: true,
  apparmor: false,
  memoryLimit: true,
  swapLimit: true,
  blkioWeight: true,
  blkioWeightDevice: true,
  realtime: true,
  memoryNodes: '0-1',
  cpus: 2,
} as unknown as HostFacts;
const check = (part: unknown) => checkHostConfig(hostConfig(part, ''), facts, ['runc', 'crun']);
const MiB = 1024 * 1024;

test('an empty host config is fine', () => {
  expect(() => check({})).not.toThrow();
});

test.each([
  [{ Memory: 1000 }, 'Minimum memory limit allowed is 6MB'],
  [
    { Memory: 20 * MiB, MemorySwap: 10 * MiB },
    'Minimum memoryswap limit should be larger than memory limit, see usage',
  ],
  [{ MemorySwap: 10 * MiB }, 'You should always set the Memory limit when using Memoryswap limit, see usage'],
  [
    { Memory: 10 * MiB, MemoryReservation: 20 * MiB },
    'Minimum memory limit can not be less than memory reservation limit, see usage',
  ],
  [{ MemorySwappiness: 101 }, 'Invalid value: 101, valid memory swappiness range is 0-100'],
  [{ ShmSize: -1 }, 'SHM size can not be less than 0'],
  [{ OomScoreAdj: 2000 }, 'Invalid value 2000, range for oom score adj is [-1000, 1000]'],
  [{ NanoCpus: 3e9 }, 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
  [{ NanoCpus: 1e9, CpuQuota: 1000 }, 'Conflicting options: Nano CPUs and CPU Quota cannot both be set'],
  [{ NanoCpus: 1e9, CpuPeriod: 1000 }, 'Conflicting options: Nano CPUs and CPU Period cannot both be set'],
  [{ CpuPeriod: 10 }, 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)'],
  [{ CpuQuota: 10 }, 'CPU cfs quota can not be less than 1ms (i.e. 1000)'],
  [{ CpusetCpus: '9' }, 'Requested CPUs are not available - requested 9, available: 0-1'],
  [{ CpusetCpus: '0-a' }, 'Invalid value 0-a for cpuset cpus'],
  [{ CpusetMems: '0,7' }, 'Requested memory nodes are not available - requested 0,7, available: 0-1'],
  [
    { CpuRealtimePeriod: 1000, CpuRealtimeRuntime: 2000 },
    'cpu real-time runtime cannot be higher than cpu real-time period',
  ],
  [{ Isolation: 'hyperv' }, `Invalid isolation: "hyperv" - linux only supports 'default'`],
  [{ StorageOpt: { size: '1g' } }, "supported only for overlay over xfs with 'pquota' mount option"],
  [{ StorageOpt: { colour: 'red' } }, 'unknown option colour'],
  [{ IpcMode: 'zz' }, 'invalid IPC mode: zz'],
  [{ PidMode: 'bogus' }, 'invalid PID mode: bogus'],
  [{ PidMode: 'container:' }, 'invalid PID mode: container:'],
  [{ UTSMode: 'zz' }, 'invalid UTS mode: zz'],
  [{ UsernsMode: 'bogus' }, 'invalid userns mode: bogus'],
  [{ CgroupnsMode: 'zz' }, 'invalid cgroup namespace mode: zz'],
  [
    { AutoRemove: true, RestartPolicy: { Name: 'always' } },
    "can't create 'AutoRemove' container with restart policy",
  ],
  [
    { RestartPolicy: { Name: 'sometimes' } },
    "invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  ],
  [
    { RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } },
    "invalid restart policy: maximum retry count can only be used with 'on-failure'",
  ],
  [
    { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: -1 } },
    'invalid restart policy: maximum retry count cannot be negative',
  ],
  [{ LogConfig: { Type: 'zz' } }, 'error looking up logging plugin zz: plugin "zz" not found'],
  [{ LogConfig: { Config: { foo: 'bar' } } }, "unknown log opt 'foo' for json-file log driver"],
  [{ Runtime: 'nosuch' }, 'unknown or invalid runtime name: nosuch'],
  [{ StorageOpt: { foo: '' } }, 'unknown option foo'],
  [
    { DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] },
    'could not select device driver "" with capabilities: [[gpu]]',
  ],
  [{ ExtraHosts: ['foo:nope'] }, 'invalid IP address in add-host: "nope"'],
])('%j is refused', (part, message) => {
  expect(() => check(part)).toThrow(message);
});

test.each(['private', 'shareable', 'host', 'container:web'])('the IPC mode %s is fine', (IpcMode) => {
  expect(() => check({ IpcMode })).not.toThrow();
});

const checkPart = (part: unknown, host: unknown = {}) =>
  checkConfig(containerConfig(part, ''), hostConfig(host, ''));

test.each([
  [{ Env: ['=x'] }, {}, 'invalid environment variable: =x'],
  [{ StopSignal: 'zz' }, {}, 'invalid signal: zz'],
  [{ Hostname: 'bad host' }, {}, 'invalid hostname format: bad host'],
  [{ Hostname: 'x\n10.0.0.1 evil' }, {}, 'invalid hostname format'],
  [{ Hostname: 'x'.repeat(65) }, {}, 'invalid hostname format'],
  [{ Hostname: 'x' }, { UTSMode: 'host' }, 'conflicting options: hostname and the UTS mode'],
  [{ Healthcheck: { Interval: -1 } }, {}, 'Interval in Healthcheck cannot be less than 1ms'],
  [{ Healthcheck: { Retries: -1 } }, {}, 'Retries in Healthcheck cannot be negative'],
])('the config %j is refused', (part, host, message) => {
  expect(() => checkPart(part, host)).toThrow(message);
});

test('a host name may be one that no name server would take', () => {
  expect(() => checkPart({ Hostname: 'bad_host!', Domainname: 'bücher.test' })).not.toThrow();
});

test('an entry for the hosts file may be of IPv6 and may name the gateway', () => {
  expect(parseExtraHost('db:::1')).toEqual({ name: 'db', address: '::1' });
  expect(parseExtraHost('db:[fe80::1]')).toEqual({ name: 'db', address: 'fe80::1' });
  expect(parseExtraHost('up:host-gateway')).toEqual({ name: 'up', address: 'host-gateway' });
  for (const entry of ['nocolon', ':1.2.3.4', 'a b:1.2.3.4']) {
    expect(() => parseExtraHost(entry)).toThrow('bad format for add-host');
  }
});

test('what is left open is filled in as inspect shows it', () => {
  expect(completeHostConfig(zero(hostConfig), facts, 'crun')).toMatchObject({
    NetworkMode: 'default',
    IpcMode: 'private',
    CgroupnsMode: 'private',
    ShmSize: 67108864,
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    Runtime: 'crun',
    PidsLimit: null,
    OomKillDisable: null,
  });
  const privileged = completeHostConfig(
    hostConfig({ Privileged: true }, ''),
    { ...facts, cgroupVersion: 1 },
    'crun',
  );
  expect(privileged).toMatchObject({ CgroupnsMode: 'host', MaskedPaths: null, ReadonlyPaths: null });
});

test('limits that the kernel cannot keep are taken away with a word', () => {
  const asked = hostConfig({ Memory: 64 * MiB, NetworkMode: 'host', PortBindings: { '80/tcp': [] } }, '');
  expect(adjustResources(asked, facts).adjusted.MemorySwap).toBe(128 * MiB);
  const { adjusted, warnings } = adjustResources(asked, { ...facts, swapLimit: false });
  expect(adjusted.MemorySwap).toBe(-1);
  expect(warnings).toEqual([
    'Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.',
    'Published ports are discarded when using host network mode',
  ]);
});

test('what one kind of cgroups lacks is discarded with a word', () => {
  const asked = hostConfig(
    {
      BlkioWeight: 300,
      BlkioWeightDevice: [{ Path: '/dev/sda', Weight: 300 }],
      OomKillDisable: true,
      MemorySwappiness: 10,
    },
    '',
  );
  const weightless = { ...facts, blkioWeight: false, blkioWeightDevice: false };
  const { adjusted, warnings } = adjustResources(asked, weightless);
  expect(adjusted).toMatchObject({ BlkioWeight: 0, BlkioWeightDevice: [], OomKillDisable: null });
  expect(warnings).toEqual([
    'Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
    'Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.',
    'Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.',
    'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
  ]);
  const version1 = { ...facts, cgroupVersion: 1 as const };
  expect(adjustResources(asked, version1).adjusted).toMatchObject({ BlkioWeight: 300, OomKillDisable: true });
});
