import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { busyboxLayer, dockerArchive, tar } from './support/image.ts';
import { cgroupsNamed } from './support/leaks.ts';
import { systemCallProgram } from './support/system-call.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

const notPermitted = 1;
const calls = {
  keyctl: systemCallProgram({ x64: 250, arm64: 219 }),
  add_key: systemCallProgram({ x64: 248, arm64: 217 }),
  bpf: systemCallProgram({ x64: 321, arm64: 280 }),
  unshare: systemCallProgram({ x64: 272, arm64: 97 }, [0x10000000]), // CLONE_NEWUSER
  setns: systemCallProgram({ x64: 308, arm64: 268 }),
  init_module: systemCallProgram({ x64: 175, arm64: 105 }),
  kexec_load: systemCallProgram({ x64: 246, arm64: 104 }),
  swapoff: systemCallProgram({ x64: 168, arm64: 225 }),
  userfaultfd: systemCallProgram({ x64: 323, arm64: 282 }),
  perf_event_open: systemCallProgram({ x64: 298, arm64: 241 }),
  open_by_handle_at: systemCallProgram({ x64: 304, arm64: 265 }),
};
const harmless = systemCallProgram({ x64: 39, arm64: 172 }); // getpid

function processesOf(containerId: string): number {
  let count = 0;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(containerId)) count++;
    } catch {
      // It ended while we looked.
    }
  }
  return count;
}

describe('a container', () => {
  beforeAll(async () => {
    const programs = { ...calls, harmless };
    const layer = await tar(
      Object.entries(programs).map(([name, content]) => ({ name: `bin/call-${name}`, mode: 0o755, content })),
    );
    const archive = await dockerArchive([{ tags: ['calls:latest'], layers: [await busyboxLayer(), layer] }]);
    expect((await engine.request('POST', '/images/load', archive)).status).toBe(200);
  });

  it.each(['pid', 'mnt', 'uts', 'ipc', 'net'])('has a %s namespace of its own', async (name) => {
    const inside = await davit.ok('run', '--rm', 'busybox', 'readlink', `/proc/self/ns/${name}`);
    expect(inside).toMatch(new RegExp(`^${name}:\\[\\d+\\]$`));
    expect(inside).not.toBe(readlinkSync(`/proc/self/ns/${name}`));
  });

  // dockerd leaves the host's on cgroup v1.
  it.skipIf(againstOriginal.engine)(
    'has a cgroup namespace of its own and sees no cgroup of others',
    async () => {
      const script = 'readlink /proc/self/ns/cgroup; cat /proc/self/cgroup';
      const [namespace, ...cgroups] = (await davit.ok('run', '--rm', 'busybox', 'sh', '-c', script)).split(
        '\n',
      );
      expect(namespace).not.toBe(readlinkSync('/proc/self/ns/cgroup'));
      const paths = cgroups.map((line) => line.split(':').at(-1));
      expect(new Set(paths)).toEqual(new Set(['/']));
    },
  );

  it('sees only its own processes', async () => {
    const processes = await davit.ok('run', '--rm', 'busybox', 'ps', '-o', 'pid');
    expect(processes.split('\n').map((line) => line.trim())).toEqual(['PID', '1']);
  });

  it('runs a program of one system call, which the tests below stand on', async () => {
    expect((await davit('run', '--rm', 'calls', 'call-harmless')).code).toBe(255);
  });

  it.each(Object.keys(calls))('is not permitted to call %s', async (name) => {
    expect(await davit('run', '--rm', 'calls', `call-${name}`)).toEqual({
      code: notPermitted,
      stdout: '',
      stderr: '',
    });
  });

  it.each([
    ['mount', 'mount -t tmpfs none /tmp', /permission denied|not permitted/],
    ['mount over /proc', 'mount -t proc none /proc', /permission denied|not permitted/],
    ['remount its root', 'mount -o remount,rw /', /permission denied|not permitted/],
    ['umount', 'umount /proc/sys', /not permitted|Invalid argument/],
    ['reboot', 'reboot -f', /not permitted/],
    ['write to /proc/sys', 'echo 1 > /proc/sys/kernel/panic', /Read-only file system/],
    ['write to /proc/sysrq-trigger', 'echo h > /proc/sysrq-trigger', /Read-only file system|nonexistent/],
    ['write to /proc/irq', 'echo 1 > /proc/irq/default_smp_affinity', /Read-only file system/],
    ['write to /sys', 'mkdir /sys/kernel/new', /Read-only file system/],
    ['set the clock', 'date -s 2020-01-01; false', /not permitted/],
    ['set the host name', 'hostname other', /not permitted/],
    ['change its network', 'ip link set lo down', /not permitted/],
    [
      'read a disk through a device of its own making',
      'mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk',
      /not permitted/,
    ],
    ['become privileged by a namespace', 'unshare -m true', /not permitted/],
    ['see the memory of the kernel', 'head -c 1 /proc/kcore | wc -c; false', /^0$/m],
    ['see the keys of others', 'wc -c < /proc/keys; false', /^0$/m],
    ['see the firmware', 'ls /sys/firmware | wc -l; false', /^0$/m],
  ])('cannot %s', async (_what, script, words) => {
    const { code, stdout, stderr } = await davit('run', '--rm', 'busybox', 'sh', '-c', script);
    expect(stdout + stderr).toMatch(words);
    expect(code).not.toBe(0);
  });

  it('is filtered by seccomp, and runs without it when privileged', async () => {
    expect(await davit.ok('run', '--rm', 'busybox', 'grep', 'Seccomp:', '/proc/self/status')).toBe(
      'Seccomp:\t2',
    );
    if (againstOriginal.engine) return;
    const privileged = ['run', '--rm', '--privileged', 'busybox', 'grep', 'Seccomp:', '/proc/self/status'];
    expect(await davit.ok(...privileged)).toBe('Seccomp:\t0');
  });

  it('is killed when it wants more memory than it may have, and inspect says so', async () => {
    const { code } = await davit(
      'run',
      '--name',
      'hungry',
      '-m',
      '32m',
      'busybox',
      'dd',
      'if=/dev/zero',
      'of=/dev/null',
      'bs=200M',
      'count=1',
    );
    expect(code).toBe(137);
    const [info] = JSON.parse(await davit.ok('inspect', 'hungry')) as { State: object; HostConfig: object }[];
    expect(info?.State).toMatchObject({ OOMKilled: true, ExitCode: 137, Status: 'exited' });
    expect(info?.HostConfig).toMatchObject({ Memory: 33_554_432 });
    await davit.ok('rm', 'hungry');
  });

  it('is not called killed by the kernel when it was killed by hand', async () => {
    await davit.ok('run', '-d', '--name', 'innocent', '-m', '32m', 'busybox', 'sleep', '1000');
    await davit.ok('kill', 'innocent');
    await davit.ok('wait', 'innocent');
    const [info] = JSON.parse(await davit.ok('inspect', 'innocent')) as { State: object }[];
    expect(info?.State).toMatchObject({ OOMKilled: false, ExitCode: 137 });
    await davit.ok('rm', 'innocent');
  });

  it('hurts nobody with a fork bomb under --pids-limit', async () => {
    const id = await davit.ok('run', '-d', '--pids-limit', '50', 'busybox', 'sleep', '1000');
    // Each generation leaves something behind that lasts when the shells fall over their limit.
    await davit.ok('exec', '-d', id, 'sh', '-c', 'bomb() { sleep 1000 & bomb | bomb & }; bomb');
    const [cgroup = ''] = cgroupsNamed([id]).filter((path) => existsSync(`${path}/pids.events`));
    await waitFor(() => !/max 0\n/.test(readFileSync(`${cgroup}/pids.events`, 'utf8')), 'the limit');
    for (let look = 0; look < 20; look++) expect(processesOf(id)).toBeLessThanOrEqual(50);
    expect(await davit.ok('run', '--rm', 'busybox', 'echo', 'unhurt')).toBe('unhurt');
    expect(processesOf(id)).toBeLessThanOrEqual(50);
    await davit.ok('rm', '-f', id);
    expect(processesOf(id)).toBe(0);
  });

  it('gets the share of processors that it was given', async () => {
    const script =
      'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max';
    const limits = await davit.ok('run', '--rm', '--cpus', '0.5', 'busybox', 'sh', '-c', script);
    expect(limits.split(/\s+/)).toEqual(['50000', '100000']);
  });
});
