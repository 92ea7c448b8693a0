import { containerConfig, hostConfig } from '@davit/api';
import { describe, expect, it } from 'vitest';
import type { HostFacts, SpecInput } from './input.ts';
import { buildExecProcess, buildSpec } from './spec.ts';

const facts: HostFacts = {
  cgroupVersion: 2,
  architecture: 'x64',
  capabilities: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_ADMIN'],
  hardLimits: { RLIMIT_NOFILE: 20000 },
  lowestOomScore: 0,
  kernel: '6.1.0',
  seccomp: true,
  apparmor: false,
  memoryLimit: true,
  swapLimit: true,
  cpuQuota: true,
  cpuShares: true,
  cpuset: true,
  pidsLimit: true,
  blkioWeight: true,
  blkioWeightDevice: true,
  realtime: true,
  memoryNodes: '0',
  cpus: 2,
};

function input(config: object = {}, host: object = {}, more: Partial<SpecInput> = {}): SpecInput {
  return {
    id: 'c1',
    config: containerConfig({ Hostname: 'box', Cmd: ['sh'], ...config }, ''),
    hostConfig: hostConfig(host, ''),
    root: '/merged',
    passwd: 'root:x:0:0:root:/root:/bin/sh',
    group: '',
    cgroupsPath: '/davit/e/c1',
    networkNamespace: '',
    ipcNamespace: '',
    pidNamespace: '',
    sharedMemory: '',
    hostnameFile: '/c/hostname',
    hostsFile: '/c/hosts',
    resolvFile: '/c/resolv.conf',
    mounts: [],
    devices: { nodes: [], rules: [], numbers: {} },
    initPath: '/usr/bin/tini',
    facts,
    ...more,
  };
}

const build = (...args: Parameters<typeof input>) => buildSpec(input(...args)).spec;
const optionsAt = (spec: ReturnType<typeof build>, destination: string) =>
  spec.mounts.find((mount) => mount.destination === destination)?.options;

describe('the process of a container', () => {
  it('has docker’s environment, user and command', () => {
    const { process } = build({ Entrypoint: ['/init'], Cmd: ['a'], Env: ['A=1', 'PATH=/bin', 'GONE'] });
    expect(process.args).toEqual(['/init', 'a']);
    expect(process.env).toEqual(['PATH=/bin', 'HOSTNAME=box', 'A=1', 'HOME=/root']);
    expect(process).toMatchObject({ cwd: '/', terminal: false, user: { uid: 0, gid: 0 } });
  });

  it('on a terminal knows its kind and size', () => {
    const { process } = build({ Tty: true, Env: ['TERM=vt100'] }, { ConsoleSize: [24, 80] });
    expect(process.env).toContain('TERM=vt100');
    expect(process.consoleSize).toEqual({ height: 24, width: 80 });
    expect(build({ Tty: true }).process.env).toContain('TERM=xterm');
  });

  it('runs under an init when one is asked for', () => {
    const spec = build({}, { Init: true });
    expect(spec.process.args).toEqual(['/sbin/docker-init', '--', 'sh']);
    expect(optionsAt(spec, '/sbin/docker-init')).toEqual(['bind', 'ro']);
    expect(build({}, { Init: true, PidMode: 'host' }).process.args).toEqual(['sh']);
  });

  it('gets limits as far as the engine may set them, and says what it does not get', () => {
    const ulimits = [{ Name: 'nofile', Soft: 1024, Hard: 1_000_000 }];
    const { spec, warnings } = buildSpec(input({}, { Ulimits: ulimits, OomScoreAdj: -500 }));
    expect(spec.process.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 20000 }]);
    expect(spec.process.oomScoreAdj).toBe(0);
    expect(warnings).toHaveLength(2);
  });
});

describe('what a container is kept from', () => {
  it('is docker’s default', () => {
    const { process, linux } = build();
    expect(process.capabilities.bounding).toEqual(['CAP_CHOWN', 'CAP_KILL']);
    expect(process.noNewPrivileges).toBe(false);
    expect(linux.seccomp?.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(linux.maskedPaths).toContain('/proc/kcore');
    expect(linux.maskedPaths).toContain('/sys/devices/system/cpu/cpu1/thermal_throttle');
    expect(linux.readonlyPaths).toContain('/proc/sys');
    expect(linux.resources.devices[0]).toEqual({ allow: false, access: 'rwm' });
  });

  it('is nothing when it is privileged', () => {
    const spec = build({}, { Privileged: true });
    expect(spec.process.capabilities.bounding).toEqual(facts.capabilities);
    expect(spec.linux.seccomp).toBeUndefined();
    expect(spec.linux.maskedPaths).toBeUndefined();
    expect(optionsAt(spec, '/sys')).not.toContain('ro');
    expect(optionsAt(spec, '/sys/fs/cgroup')).not.toContain('ro');
  });

  it('changes with its security options', () => {
    const { process, linux } = build({}, { SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'] });
    expect(process.noNewPrivileges).toBe(true);
    expect(linux.seccomp).toBeUndefined();
    expect(build({}, { MaskedPaths: [], ReadonlyPaths: [] }).linux).toMatchObject({
      maskedPaths: [],
      readonlyPaths: [],
    });
    const profile = '{"defaultAction":"SCMP_ACT_LOG"}';
    expect(build({}, { SecurityOpt: [`seccomp=${profile}`] }).linux.seccomp?.defaultAction).toBe(
      'SCMP_ACT_LOG',
    );
  });
});

describe('the namespaces of a container', () => {
  const types = (spec: ReturnType<typeof build>) => spec.linux.namespaces.map(({ type }) => type);

  it('are its own', () => {
    expect(types(build())).toEqual(['mount', 'network', 'uts', 'pid', 'ipc', 'cgroup']);
  });

  it('are the host’s where that is asked for', () => {
    const host = {
      NetworkMode: 'host',
      UTSMode: 'host',
      PidMode: 'host',
      IpcMode: 'host',
      CgroupnsMode: 'host',
    };
    const spec = build({}, host);
    expect(types(spec)).toEqual(['mount']);
    expect(spec.hostname).toBeUndefined();
    expect(spec.linux.sysctl).toEqual({});
    expect(spec.mounts.find(({ destination }) => destination === '/dev/shm')?.source).toBe('/dev/shm');
  });

  it('are a sandbox’s or another container’s', () => {
    const spec = build(
      {},
      { IpcMode: 'container:x' },
      { networkNamespace: '/run/n', ipcNamespace: '/p/ipc' },
    );
    expect(spec.linux.namespaces).toContainEqual({ type: 'network', path: '/run/n' });
    expect(spec.linux.namespaces).toContainEqual({ type: 'ipc', path: '/p/ipc' });
  });

  it('leave the cgroups of version 1 in sight of the host', () => {
    expect(types(build({}, {}, { facts: { ...facts, cgroupVersion: 1 } }))).not.toContain('cgroup');
  });
});

describe('the mounts of a container', () => {
  it('stand in the order of their depth, the user’s in the place of others', () => {
    const own = { type: 'bind' as const, source: '/data', destination: '/dev/shm', readOnly: true };
    const spec = build({}, {}, { mounts: [own, { ...own, destination: '/etc/hosts', readOnly: false }] });
    const destinations = spec.mounts.map(({ destination }) => destination);
    expect(destinations.indexOf('/dev')).toBeLessThan(destinations.indexOf('/dev/pts'));
    expect(destinations.filter((destination) => destination === '/etc/hosts')).toHaveLength(1);
    expect(optionsAt(spec, '/dev/shm')).toEqual(['rbind', 'ro', 'rro', 'rprivate']);
  });

  it('are read-only with the root, but for what programs must write', () => {
    const spec = build({}, { ReadonlyRootfs: true });
    expect(spec.root.readonly).toBe(true);
    expect(optionsAt(spec, '/etc/hosts')).toContain('ro');
    expect(optionsAt(spec, '/dev/shm')).not.toContain('ro');
  });

  it('share memory of the size that was asked for, or none', () => {
    expect(optionsAt(build(), '/dev/shm')).toContain('size=67108864');
    expect(optionsAt(build({}, { ShmSize: 1024 }), '/dev/shm')).toContain('size=1024');
    expect(optionsAt(build({}, { IpcMode: 'none' }), '/dev/shm')).toBeUndefined();
  });
});

describe('the resources of a container', () => {
  const resources = (host: object, more: Partial<HostFacts> = {}) =>
    build({}, host, { facts: { ...facts, ...more } }).linux.resources;

  it('are unlimited by default', () => {
    expect(resources({})).toEqual({ devices: [{ allow: false, access: 'rwm' }] });
  });

  it('limit memory with as much swap, CPUs and processes', () => {
    expect(resources({ Memory: 1024, NanoCpus: 500_000_000, PidsLimit: 50 })).toMatchObject({
      memory: { limit: 1024, swap: 2048 },
      cpu: { quota: 50_000, period: 100_000 },
      pids: { limit: 50 },
    });
    expect(resources({ Memory: 1024, MemorySwap: -1 }).memory).toEqual({ limit: 1024, swap: -1 });
    expect(resources({ Memory: 1024 }, { swapLimit: false }).memory).toEqual({ limit: 1024 });
    expect(resources({ PidsLimit: -1 }).pids).toEqual({ limit: -1 });
  });

  it('are those that the kernel can limit; the others are named', () => {
    const none = { ...facts, cpuQuota: false, cpuShares: false, cpuset: false, pidsLimit: false };
    const asked = { CpuQuota: 1000, CpuShares: 2, CpusetCpus: '0', PidsLimit: 50 };
    const { spec, warnings } = buildSpec(input({}, asked, { facts: none }));
    expect(spec.linux.resources).toEqual({ devices: [{ allow: false, access: 'rwm' }] });
    expect(warnings).toContain(
      'Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.',
    );
    expect(warnings).toHaveLength(4);
  });
});

describe('the process of an exec', () => {
  const exec = (more: object = {}) =>
    buildExecProcess({
      config: containerConfig({ Hostname: 'box', User: '7', WorkingDir: '/srv', Env: ['A=1'] }, ''),
      hostConfig: hostConfig({}, ''),
      passwd: '',
      group: '',
      command: ['true'],
      user: '',
      env: ['A=2', 'B=3'],
      workingDir: '',
      tty: false,
      privileged: false,
      consoleSize: null,
      facts,
      ...more,
    });

  it('takes after the container', () => {
    expect(exec()).toMatchObject({ cwd: '/srv', user: { uid: 7, gid: 0 }, args: ['true'], terminal: false });
    expect(exec().env.slice(1)).toEqual(['HOSTNAME=box', 'A=2', 'B=3', 'HOME=/']);
  });

  it('may ask for more', () => {
    const process = exec({
      privileged: true,
      tty: true,
      consoleSize: [24, 80],
      user: '0',
      workingDir: '/tmp',
    });
    expect(process.capabilities.bounding).toEqual(facts.capabilities);
    expect(process).toMatchObject({ cwd: '/tmp', user: { uid: 0 }, consoleSize: { height: 24, width: 80 } });
    expect(process.env).toContain('TERM=xterm');
  });
});
