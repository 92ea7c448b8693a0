import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { beforeAll, describe, it } from 'vitest';
import { flagRunner } from './support/flag-runner.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();
const { run, refusal } = flagRunner(davit);
const namespaceOf = (pid: string, kind: string) => readlinkSync(`/proc/${pid}/ns/${kind}`);

beforeAll(async () => {
  const donor = ['--name', 'donor', '--hostname', 'donor', '--ipc', 'shareable'];
  await davit.ok('run', '-d', ...donor, 'busybox', 'sleep', '1000');
});
const donorPid = () => davit.ok('inspect', '-f', '{{.State.Pid}}', 'donor');

describe.concurrent('the rights of a container', () => {
  it('are more with --cap-add and fewer with --cap-drop', async ({ expect }) => {
    expect(await run(['--cap-add', 'NET_ADMIN'], 'ip link set lo down && ip link show lo')).not.toContain(
      'UP',
    );
    expect(await run([], 'ip link set lo down')).toMatch(/not permitted/);
    expect(await run(['--cap-drop', 'CHOWN'], 'chown 1 /etc/passwd')).toMatch(/not permitted/);
    const all = await run(['--cap-drop', 'ALL', '--cap-add', 'KILL'], 'grep CapEff /proc/self/status');
    expect(all).toBe('CapEff:\t0000000000000020');
  });

  // dockerd cannot start one in a sandbox that lacks a capability.
  it.skipIf(againstOriginal.engine)('are all that the engine has with --privileged', async ({ expect }) => {
    const script = 'grep CapEff /proc/self/status; mount -t tmpfs none /mnt; : > /proc/sys/kernel/domainname';
    const [, own] = /^CapBnd:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    expect(await run(['--privileged', '-v', '/mnt'], script)).toBe(`CapEff:\t${own}`);
  });

  it('are those of further groups with --group-add', async ({ expect }) => {
    expect(await run(['--group-add', '77', '--group-add', 'tty'], 'id -G')).toBe('0 5 77');
  });

  it('never grow with --security-opt no-new-privileges', async ({ expect }) => {
    const show = 'grep NoNewPrivs /proc/self/status';
    expect(await run(['--security-opt', 'no-new-privileges'], show)).toBe('NoNewPrivs:\t1');
    expect(await run(['--security-opt', 'no-new-privileges=false'], show)).toBe('NoNewPrivs:\t0');
  });

  it('are those of a profile of one’s own with --security-opt seccomp=FILE', async ({ expect }) => {
    const profile = `${engine.directory}/profile.json`;
    const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }];
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }));
    expect(await run(['--security-opt', `seccomp=${profile}`], 'mkdir /x')).toMatch(/not permitted/);
    const show = 'grep Seccomp: /proc/self/status';
    expect(await run(['--security-opt', 'seccomp=unconfined'], show)).toBe('Seccomp:\t0');
    writeFileSync(`${profile}.bad`, '{');
    expect(await refusal('--security-opt', `seccomp=${profile}.bad`)).toMatch(
      /compacting json for seccomp profile/,
    );
    expect(await refusal('--security-opt', 'seccomp=/nosuch')).toContain('no such file or directory');
  });

  it('show the system as it is with --security-opt systempaths=unconfined', async ({ expect }) => {
    const show = 'mount | grep -cE " on /proc/(keys|sys|kcore|sysrq-trigger) "';
    expect(await run(['--security-opt', 'systempaths=unconfined'], show)).toBe('0');
    expect(Number(await run([], show))).toBeGreaterThan(0);
  });

  it('are named by labels that mean nothing to a kernel without SELinux or AppArmor', async ({ expect }) => {
    const labels = ['--security-opt', 'label=disable', '--security-opt', 'label=type:any_t'];
    expect(await run(labels, 'echo runs')).toBe('runs');
    expect(await refusal('--security-opt', 'bogus=1')).toContain('invalid --security-opt 2: "bogus=1"');
  });

  it.skipIf(!existsSync('/sys/kernel/security/apparmor/profiles'))(
    'are those of --security-opt apparmor=PROFILE',
    async ({ expect }) => {
      const show = 'cat /proc/self/attr/current';
      expect(await run(['--security-opt', 'apparmor=unconfined'], show)).toBe('unconfined');
    },
  );

  it.skipIf(againstOriginal.engine)(
    'are said to be the host’s users with --userns host, and no other',
    async ({ expect }) => {
      const map = await run(['--userns', 'host'], 'cat /proc/self/uid_map');
      expect(map.trim().split(/\s+/)).toEqual(['0', '0', '4294967295']);
      expect(await refusal('--userns', 'private')).toContain('--userns: invalid USER mode');
    },
  );
});

describe.concurrent('the devices of a container', () => {
  it('are one more with --device, and only as it says', async ({ expect }) => {
    const device = ['--device', '/dev/loop0:/dev/sub/disk:r'];
    const script = 'stat -c "%F %t" /dev/sub/disk; head -c 0 /dev/sub/disk && echo read; : > /dev/sub/disk';
    const [kind, read, write] = (await run(device, script)).split('\n');
    expect(kind).toBe('block special file 7');
    expect(read).toBe('read');
    expect(write).toMatch(/not permitted/);
    // As docker does it: the words of the message are those of a missing program.
    const missing = await davit('run', '--rm', '--device', '/dev/nosuch', 'busybox', 'true');
    expect(missing.stderr).toContain(
      'error gathering device information while adding custom device "/dev/nosuch"',
    );
    expect(missing.code).toBe(127);
  });

  it('are more that it may make itself with --device-cgroup-rule', async ({ expect }) => {
    const script = 'mknod /disk b 7 1; head -c 0 /disk && echo read; : > /disk';
    const [read, write] = (await run(['--device-cgroup-rule', 'b 7:1 r'], script)).split('\n');
    expect(read).toBe('read');
    expect(write).toMatch(/not permitted/);
    expect(await run([], 'mknod /disk b 7 1; head -c 0 /disk')).toMatch(/not permitted/);
  });

  it('are no GPUs with --gpus where no driver for them is', async ({ expect }) => {
    expect(await refusal('--gpus', 'all')).toContain(
      'could not select device driver "" with capabilities: [[gpu]]',
    );
  });
});

describe.concurrent('the namespaces of a container', () => {
  it('of IPC are private, none, the host’s or another’s with --ipc', async ({ expect }) => {
    const show = 'readlink /proc/self/ns/ipc; df -k /dev/shm | tail -1';
    expect(await run(['--ipc', 'host'], show)).toContain(namespaceOf('self', 'ipc'));
    expect(await run(['--ipc', 'private'], show)).not.toContain(namespaceOf('self', 'ipc'));
    const [other] = (await run(['--ipc', 'container:donor'], show)).split('\n');
    expect(other).toBe(namespaceOf(await donorPid(), 'ipc'));
    await davit.ok('exec', 'donor', 'sh', '-c', 'echo shared > /dev/shm/file');
    expect(await run(['--ipc', 'container:donor'], 'cat /dev/shm/file')).toBe('shared');
    expect(await run(['--ipc', 'none'], 'ls /dev/shm')).toMatch(/No such file/);
    await davit.ok('run', '-d', '--name', 'selfish', '--ipc', 'private', 'busybox', 'sleep', '1000');
    expect(await refusal('--ipc', 'container:selfish')).toContain('non-shareable IPC');
  });

  it('of processes are the host’s or another’s with --pid', async ({ expect }) => {
    expect(await run(['--pid', 'host'], 'readlink /proc/self/ns/pid')).toBe(namespaceOf('self', 'pid'));
    expect(await run(['--pid', 'container:donor'], 'ps -o args')).toMatch(/^COMMAND\nsleep 1000$/m);
    expect(await refusal('--pid', 'container:nosuch')).toContain('No such container: nosuch');
  });

  it('of names are the host’s with --uts host', async ({ expect }) => {
    expect(await run(['--uts', 'host'], 'hostname; readlink /proc/self/ns/uts')).toBe(
      `${hostname()}\n${namespaceOf('self', 'uts')}`,
    );
    const conflict = await refusal('--uts', 'host', '--hostname', 'other');
    expect(conflict).toContain('conflicting options: hostname and the UTS mode');
  });

  it('of cgroups are the host’s or private with --cgroupns', async ({ expect }) => {
    const show = 'readlink /proc/self/ns/cgroup; cat /proc/self/cgroup | tail -1';
    expect(await run(['--cgroupns', 'host'], show)).toContain(namespaceOf('self', 'cgroup'));
    const [own, path] = (await run(['--cgroupns', 'private'], show)).split('\n');
    expect(own).not.toBe(namespaceOf('self', 'cgroup'));
    expect(path).toMatch(/:\/$/);
  });

  it('have settings of the kernel of their own with --sysctl', async ({ expect }) => {
    const flags = ['--sysctl', 'net.ipv4.ip_forward=1', '--sysctl', 'kernel.shmmax=1000000'];
    const show = 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax';
    expect(await run(flags, show)).toBe('1\n1000000');
    expect(await refusal('--sysctl', 'kernel.panic=1')).toContain("sysctl 'kernel.panic=1' is not allowed");
    const shared = await refusal('--network', 'host', '--sysctl', 'net.ipv4.ip_forward=1');
    expect(shared).toMatch(/net\.ipv4\.ip_forward/);
  });

  it('are made by the OCI runtime of --runtime', async ({ expect }) => {
    expect(await refusal('--runtime', 'nosuch')).toMatch(
      /unknown (or invalid runtime name:|runtime specified) nosuch/i,
    );
    if (againstOriginal.engine) return;
    const runtimes = JSON.parse(await davit.ok('info', '-f', '{{json .Runtimes}}')) as Record<
      string,
      { path: string }
    >;
    for (const [name, { path }] of Object.entries(runtimes)) {
      if (!['crun', 'runc'].includes(name)) continue;
      const id = await davit.ok('run', '-d', '--runtime', name, 'busybox', 'sleep', '1000');
      const pid = await davit.ok('inspect', '-f', '{{.State.Pid}}', id);
      const [, monitor = ''] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      const command = readFileSync(`/proc/${monitor}/cmdline`, 'utf8').split('\0');
      expect(command[command.indexOf('-r') + 1]).toContain(path.split('/').at(-1));
    }
  });

  it('are those of Linux alone with --isolation', async ({ expect }) => {
    expect(await run(['--isolation', 'default'], 'echo runs')).toBe('runs');
    expect(await refusal('--isolation', 'hyperv')).toMatch(/invalid isolation.*hyperv/i);
  });
});
