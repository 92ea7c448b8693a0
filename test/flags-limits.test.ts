import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cgroupFile, isVersion2 } from './support/cgroup.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit } = await useEngine();

const MiB = 1024 * 1024;

/** Runs a container with these flags and returns what each file says in it. */
async function readIn(flags: string[], files: string[]): Promise<string[]> {
  const script = 'for file; do echo "--- $file"; cat "$file"; done';
  const output = await davit.ok('run', '--rm', ...flags, 'busybox', 'sh', '-c', script, 'sh', ...files);
  return output
    .split(/^--- .*\n/m)
    .slice(1)
    .map((text) => text.trim());
}

/** A disk of this machine that I/O can be limited on; undefined when there is none. */
const disk = readdirSync('/sys/block')
  .filter((name) => !/^(loop|ram|zram|sr)/.test(name))
  .map((name) => `/dev/${name}`)
  .find((path) => existsSync(path));
const numberOf = (path: string) =>
  readFileSync(`/sys/block/${path.slice('/dev/'.length)}/dev`, 'utf8').trim();

const mayRaiseLimits =
  (BigInt(`0x${/^CapEff:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`) >> 24n) % 2n ===
  1n;

describe.concurrent('the limits of a container', () => {
  it('of memory are those of --memory, --memory-reservation, --memory-swap', async ({ expect }) => {
    const flags = ['--memory', '64m', '--memory-reservation', '32m', '--memory-swap', '100m'];
    const files = [
      cgroupFile('memory/memory.limit_in_bytes', 'memory.max'),
      cgroupFile('memory/memory.soft_limit_in_bytes', 'memory.low'),
      cgroupFile('memory/memory.memsw.limit_in_bytes', 'memory.swap.max'),
    ];
    const swap = isVersion2 ? 36 : 100;
    expect(await readIn(flags, files)).toEqual([64, 32, swap].map((size) => String(size * MiB)));
  });

  it('of memory leave swap alone with --memory-swap -1', async ({ expect }) => {
    const file = cgroupFile('memory/memory.memsw.limit_in_bytes', 'memory.swap.max');
    const [swap] = await readIn(['-m', '64m', '--memory-swap', '-1'], [file]);
    expect(swap).toMatch(isVersion2 ? /^max$/ : /^9223372036854771712$/);
  });

  it('bring --memory-swappiness and --oom-kill-disable, or a warning where kernels lack them', async ({
    expect,
  }) => {
    const flags = ['-m', '64m', '--memory-swappiness', '13', '--oom-kill-disable'];
    if (isVersion2) {
      const { code, stderr } = await davit('run', '--rm', ...flags, 'busybox', 'true');
      expect(stderr).toContain('memory swappiness capabilities');
      expect(stderr).toContain('OomKillDisable discarded.');
      expect(code).toBe(0);
      return;
    }
    const root = '/sys/fs/cgroup/memory/memory';
    const [swappiness, oom] = await readIn(flags, [`${root}.swappiness`, `${root}.oom_control`]);
    expect(swappiness).toBe('13');
    expect(oom).toContain('oom_kill_disable 1');
  });

  it('of time are those of --cpu-shares, --cpu-period, --cpu-quota', async ({ expect }) => {
    const flags = ['--cpu-shares', '512', '--cpu-period', '50000', '--cpu-quota', '20000'];
    if (isVersion2) {
      const [weight, most] = await readIn(flags, ['/sys/fs/cgroup/cpu.weight', '/sys/fs/cgroup/cpu.max']);
      // The formula from shares to weight was changed once.
      expect(weight).toMatch(/^(20|59)$/);
      expect(most).toBe('20000 50000');
      return;
    }
    const files = ['shares', 'cfs_period_us', 'cfs_quota_us'].map((name) => `/sys/fs/cgroup/cpu/cpu.${name}`);
    expect(await readIn(flags, files)).toEqual(['512', '50000', '20000']);
  });

  it('of time are a part of the processors with --cpus', async ({ expect }) => {
    const file = cgroupFile('cpu/cpu.cfs_quota_us', 'cpu.max');
    expect((await readIn(['--cpus', '.75'], [file]))[0]).toMatch(/^75000( 100000)?$/);
  });

  it('of real time are those of --cpu-rt-period, --cpu-rt-runtime, as far as the kernel gives any', async ({
    expect,
  }) => {
    const refused = await davit(
      ...['run', '--rm', '--cpu-rt-period', '1000', '--cpu-rt-runtime', '2000', 'busybox', 'true'],
    );
    expect(refused.code).toBe(125);
    expect(refused.stderr).toMatch(
      /cpu real-time runtime cannot be higher|kernel does not support CPU real-time scheduler/,
    );
    const file = '/sys/fs/cgroup/cpu/cpu.rt_runtime_us';
    const flags = ['--cpu-rt-period', '1000000', '--cpu-rt-runtime', '5000'];
    const { code, stdout, stderr } = await davit('run', '--rm', ...flags, 'busybox', 'cat', file);
    // The cgroup above has real time to give only where an administrator has given it some.
    if (code === 0) expect(stdout).toBe('5000\n');
    else expect(stderr).toMatch(/cpu\.rt_runtime_us.*invalid argument|kernel does not support/is);
  });

  it('keep it on the processors of --cpuset-cpus and the memory of --cpuset-mems', async ({ expect }) => {
    const files = [
      cgroupFile('cpuset/cpuset.cpus', 'cpuset.cpus'),
      cgroupFile('cpuset/cpuset.mems', 'cpuset.mems'),
      '/proc/self/status',
    ];
    const [cpus, mems, status] = await readIn(['--cpuset-cpus', '0', '--cpuset-mems', '0'], files);
    expect([cpus, mems]).toEqual(['0', '0']);
    expect(status).toMatch(/^Cpus_allowed_list:\s+0$/m);
    for (const [flag, what] of [
      ['--cpuset-cpus', 'CPUs'],
      ['--cpuset-mems', 'memory nodes'],
    ] as const) {
      const { code, stderr } = await davit('run', '--rm', flag, '4000', 'busybox', 'true');
      expect(stderr).toContain(`Requested ${what} are not available - requested 4000, available: 0`);
      expect(code).toBe(125);
    }
  });

  it('of processes are those of --pids-limit and --ulimit', async ({ expect }) => {
    const flags = [
      '--pids-limit',
      '33',
      '--ulimit',
      'nofile=100:200',
      '--ulimit',
      'core=0',
      '--ulimit',
      'nproc=900',
    ];
    const [pids, limits] = await readIn(flags, [cgroupFile('pids/pids.max', 'pids.max'), '/proc/1/limits']);
    expect(pids).toBe('33');
    expect(limits).toMatch(/^Max open files +100 +200 /m);
    expect(limits).toMatch(/^Max core file size +0 +0 /m);
    expect(limits).toMatch(/^Max processes +900 +900 /m);
  });

  // dockerd cannot start such a container where it lacks a capability.
  it.skipIf(againstOriginal.engine)(
    'are no higher than the engine may set them, and it says so',
    async ({ expect }) => {
      const [, hard = ''] =
        /^Max open files +\S+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
      const wanted = String(Number(hard) + 1);
      const flags = ['--ulimit', `nofile=${wanted}`, '--oom-score-adj', '-300'];
      const script = 'ulimit -n; cat /proc/self/oom_score_adj';
      const { code, stdout, stderr } = await davit('run', '--rm', ...flags, 'busybox', 'sh', '-c', script);
      expect(code).toBe(0);
      if (mayRaiseLimits) {
        expect(stdout).toBe(`${wanted}\n-300\n`);
        return;
      }
      expect(stdout).toBe(`${hard}\n0\n`);
      expect(stderr).toContain(`ulimit nofile=${wanted}:${wanted} lowered to ${hard}:${hard}`);
      expect(stderr).toContain('-300 raised to 0');
    },
  );

  it('leave it to the kernel last with --oom-score-adj', async ({ expect }) => {
    expect(await readIn(['--oom-score-adj', '300'], ['/proc/1/oom_score_adj'])).toEqual(['300']);
  });

  it('of /dev/shm are those of --shm-size', async ({ expect }) => {
    const size = await davit.ok('run', '--rm', '--shm-size', '3m', 'busybox', 'df', '-k', '/dev/shm');
    expect(size).toMatch(/ 3072 /);
  });

  it.skipIf(disk === undefined)(
    'of disks are those of --device-read-bps, --device-write-bps, --device-read-iops, --device-write-iops',
    async ({ expect }) => {
      const device = disk ?? '';
      const flags = [
        ...['--device-read-bps', `${device}:1mb`, '--device-write-bps', `${device}:2mb`],
        ...['--device-read-iops', `${device}:100`, '--device-write-iops', `${device}:200`],
      ];
      const number = numberOf(device);
      if (isVersion2) {
        const [most] = await readIn(flags, ['/sys/fs/cgroup/io.max']);
        expect(most).toBe(`${number} rbps=${MiB} wbps=${2 * MiB} riops=100 wiops=200`);
        return;
      }
      const names = ['read_bps', 'write_bps', 'read_iops', 'write_iops'];
      const files = names.map((name) => `/sys/fs/cgroup/blkio/blkio.throttle.${name}_device`);
      const values = [MiB, 2 * MiB, 100, 200];
      expect(await readIn(flags, files)).toEqual(values.map((value) => `${number} ${value}`));
    },
  );

  it.skipIf(disk === undefined)(
    'bring --blkio-weight and --blkio-weight-device, or a warning where kernels lack them',
    async ({ expect }) => {
      const flags = ['--blkio-weight', '300', '--blkio-weight-device', `${disk}:400`];
      const file = isVersion2
        ? '/sys/fs/cgroup/io.weight /sys/fs/cgroup/io.bfq.weight'
        : '/sys/fs/cgroup/blkio/blkio.weight';
      const script = `cat ${file} 2>/dev/null; true`;
      const { code, stdout, stderr } = await davit('run', '--rm', ...flags, 'busybox', 'sh', '-c', script);
      expect(code, stderr).toBe(0);
      if (stdout !== '') {
        // On version 2 from 10…1000 to 1…10000, except for the one scheduler that has the old range.
        expect(stdout).toMatch(isVersion2 ? /^default (300|2929)$/m : /^300$/m);
        return;
      }
      expect(stderr).toContain('Your kernel does not support Block I/O weight or the cgroup is not mounted.');
      expect(stderr).toContain(
        'Your kernel does not support Block I/O weight_device or the cgroup is not mounted.',
      );
    },
  );

  it('are kept below the cgroup of --cgroup-parent', async ({ expect }) => {
    const parent = `davit-test-parent-${process.pid}`;
    const id = await davit.ok('run', '-d', '--cgroup-parent', `/${parent}`, 'busybox', 'sleep', '1000');
    const pid = await davit.ok('inspect', '-f', '{{.State.Pid}}', id);
    const cgroups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
    const limiting = cgroups.filter((line) => isVersion2 || /:(memory|pids|cpu):/.test(line));
    expect(limiting.length).toBeGreaterThan(0);
    for (const line of limiting) expect(line).toContain(`/${parent}/`);
    await davit.ok('rm', '-f', id);
    // It is the user's own; what was in it is gone, so that it can be removed.
    const folders = isVersion2
      ? ['/sys/fs/cgroup']
      : readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`);
    for (const folder of folders) if (existsSync(`${folder}/${parent}`)) rmdirSync(`${folder}/${parent}`);
  });

  it('of Windows are refused: --cpu-count, --cpu-percent, --io-maxbandwidth, --io-maxiops', async ({
    expect,
  }) => {
    const flags = {
      '--cpu-count': '2',
      '--cpu-percent': '10',
      '--io-maxbandwidth': '1m',
      '--io-maxiops': '9',
    };
    const { code, stderr } = await davit('run', ...Object.entries(flags).flat(), 'busybox', 'true');
    const lines = Object.keys(flags).map(
      (flag) =>
        `"${flag}" is only supported on a Docker daemon running on windows, but the Docker daemon is running on linux\n`,
    );
    expect(stderr).toBe(lines.join(''));
    expect(code).toBe(1);
  });
});

describe('update', () => {
  it('changes --cpu-period, --cpu-quota, --cpuset-mems and --memory-reservation of what runs', async () => {
    const id = await davit.ok('run', '-d', '-m', '64m', 'busybox', 'sleep', '1000');
    const flags = ['--cpu-period', '50000', '--cpu-quota', '10000', '--cpuset-mems', '0'];
    await davit.ok('update', ...flags, '--memory-reservation', '16m', id);
    const files = isVersion2
      ? ['cpu.max', 'cpuset.mems', 'memory.low']
      : [
          ...['cpu/cpu.cfs_quota_us', 'cpu/cpu.cfs_period_us'],
          ...['cpuset/cpuset.mems', 'memory/memory.soft_limit_in_bytes'],
        ];
    const output = await davit.ok('exec', id, 'cat', ...files.map((file) => `/sys/fs/cgroup/${file}`));
    expect(output.split(/\s+/)).toEqual(['10000', '50000', '0', String(16 * MiB)]);
  });

  it('says what it cannot change: --blkio-weight, --cpu-rt-period, --cpu-rt-runtime', async () => {
    const id = await davit.ok('run', '-d', 'busybox', 'sleep', '1000');
    const weight = await davit('update', '--blkio-weight', '300', id);
    expect(weight.code, weight.stderr).toBe(0);
    const file = cgroupFile('blkio/blkio.weight', 'io.weight');
    const now = await davit('exec', id, 'cat', file);
    if (now.code === 0) expect(now.stdout).toMatch(/^(default )?(300|2929)$/m);
    else expect(weight.stdout).toContain('Weight discarded.');
    // dockerd takes what cannot be.
    if (againstOriginal.engine) return;
    const flags = ['--cpu-rt-period', '1000', '--cpu-rt-runtime', '2000'];
    const { code, stderr } = await davit('update', ...flags, id);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /cpu real-time runtime cannot be higher|kernel does not support CPU real-time scheduler/,
    );
  });
});
