import { describe, expect, it } from 'vitest';
import { cgroupFile } from './support/cgroup.ts';
import { useEngine } from './support/use-engine.ts';

const { davit } = await useEngine();

/** A limit as a container finds it in its own cgroup. */
const limit = (name: string, version1: string, version2: string) =>
  davit.ok('exec', name, 'cat', cgroupFile(version1, version2));

async function run(name: string, ...more: string[]): Promise<string> {
  return davit.ok('run', '-d', '--name', name, ...more, 'busybox', 'sleep', '1000');
}

describe('update', () => {
  it('changes the limits of a container that runs', async () => {
    await run('live', '-m', '64m', '--pids-limit', '10');
    const changes = [
      '-m',
      '256m',
      '--memory-swap',
      '512m',
      '--cpus',
      '0.5',
      '--pids-limit',
      '20',
      '--cpu-shares',
      '512',
    ];
    expect(await davit.ok('update', ...changes, 'live')).toBe('live');
    expect(await limit('live', 'memory/memory.limit_in_bytes', 'memory.max')).toBe(String(256 << 20));
    expect(await limit('live', 'pids/pids.max', 'pids.max')).toBe('20');
    expect(await limit('live', 'cpu/cpu.cfs_quota_us', 'cpu.max')).toMatch(/^50000( 100000)?$/);
    const fields = '{{.Memory}} {{.MemorySwap}} {{.NanoCpus}} {{.PidsLimit}} {{.CpuShares}}';
    expect(await davit.ok('inspect', '-f', `{{with .HostConfig}}${fields}{{end}}`, 'live')).toBe(
      `${256 << 20} ${512 << 20} 500000000 20 512`,
    );
  });

  it('changes those of one that does not run for its next start', async () => {
    await davit.ok('create', '--name', 'later', 'busybox', 'sleep', '1000');
    await davit.ok('update', '-m', '32m', '--memory-swap', '64m', '--cpuset-cpus', '0', 'later');
    await davit.ok('start', 'later');
    expect(await limit('later', 'memory/memory.limit_in_bytes', 'memory.max')).toBe(String(32 << 20));
    expect(await limit('later', 'cpuset/cpuset.cpus', 'cpuset.cpus')).toBe('0');
  });

  it('changes swap alone', async () => {
    await run('swapped', '-m', '64m', '--memory-swap', '64m');
    await davit.ok('update', '--memory-swap', '128m', 'swapped');
    expect(await davit.ok('inspect', '-f', '{{.HostConfig.MemorySwap}}', 'swapped')).toBe(String(128 << 20));
    expect((await davit('update', '--memory-swap', '32m', 'swapped')).code).toBe(1);
  });

  it('changes the restart policy, which holds from then on', async () => {
    await davit.ok(
      'run',
      '-d',
      '--name',
      'again',
      'busybox',
      'sh',
      '-c',
      'sleep 1000 & echo $! > /pid; wait',
    );
    await davit.ok('update', '--restart', 'always', 'again');
    expect(await davit.ok('inspect', '-f', '{{.HostConfig.RestartPolicy.Name}}', 'again')).toBe('always');
    await davit.ok('exec', 'again', 'sh', '-c', 'kill -9 $(cat /pid)');
    await expect
      .poll(() => davit.ok('inspect', '-f', '{{.RestartCount}} {{.State.Status}}', 'again'), {
        timeout: 10_000,
      })
      .toMatch(/^[1-9]\d* running$/);
  });

  it('refuses what does not go together', async () => {
    const id = await run('strict', '-m', '64m', '--cpus', '1');
    await run('passing', '--rm');
    const refusals: [string[], string][] = [
      [
        ['-m', '256m', 'strict'],
        `Cannot update container ${id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
      ],
      [['--cpu-quota', '5000', 'strict'], 'CPU Quota cannot be updated as NanoCPUs has already been set'],
      [['-m', '1m', 'strict'], 'Minimum memory limit allowed is 6MB'],
      [['--cpuset-cpus', '4096', 'strict'], 'Requested CPUs are not available'],
      [
        ['--restart', 'always', 'passing'],
        'Restart policy cannot be updated because AutoRemove is enabled for the container',
      ],
      [['--restart', 'sometimes', 'strict'], 'sometimes'],
      [['-m', '64m', 'nosuch'], 'No such container: nosuch'],
      [['strict'], 'must provide one or more flags when using this command'],
    ];
    for (const [args, message] of refusals) {
      const { code, stderr } = await davit('update', ...args);
      expect(code, args.join(' ')).toBe(1);
      expect(stderr).toContain(message);
    }
    expect(await limit('strict', 'memory/memory.limit_in_bytes', 'memory.max')).toBe(String(64 << 20));
  });
});

describe('top', () => {
  it('shows the processes of a container, with what ps is asked for', async () => {
    await run('shown');
    expect(await davit.ok('top', 'shown')).toMatch(/^UID {17}PID {17}PPID .*\nroot .* sleep 1000$/);
    expect(await davit.ok('top', 'shown', '-o', 'pid,args')).toMatch(/^PID {17}COMMAND\n\d+ +sleep 1000$/);
    expect((await davit('top', 'nosuch')).stderr).toContain('No such container: nosuch');
  });
});
