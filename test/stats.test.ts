import type { ContainerStats } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine();

/** Uses a CPU and some memory for as long as it runs. */
const busy = 'head -c 20000000 /dev/zero > /dev/shm/some; while true; do :; done';

const run = (name: string, script: string, ...more: string[]) =>
  davit.ok('run', '-d', '--name', name, ...more, 'busybox', 'sh', '-c', script);

async function sample(name: string, query: string): Promise<ContainerStats> {
  const { status, body } = await engine.request('GET', `/v1.41/containers/${name}/stats?${query}`);
  expect(status).toBe(200);
  return JSON.parse(body) as ContainerStats;
}

describe('stats', () => {
  it('tells what a container uses, as the kernel counts it', async () => {
    const id = await run('busy', busy, '-m', '64m', '--pids-limit', '30');
    await expect
      .poll(() => davit.ok('exec', 'busy', 'ls', '-s', '/dev/shm/some'), { timeout: 10_000 })
      .toMatch(/^\s*195/);
    const stats = await sample('busy', 'stream=false');
    expect(stats).toMatchObject({ name: '/busy', id, pids_stats: { current: 1 } });
    expect(stats.memory_stats.limit).toBe(64 << 20);
    expect(stats.memory_stats.usage).toBeGreaterThan(19_000_000);
    expect(stats.memory_stats.usage).toBeLessThan(64 << 20);
    const spent = stats.cpu_stats.cpu_usage.total_usage - stats.precpu_stats.cpu_usage.total_usage;
    expect(spent).toBeGreaterThan(0);
    const passed = (stats.cpu_stats.system_cpu_usage ?? 0) - (stats.precpu_stats.system_cpu_usage ?? 0);
    expect(passed).toBeGreaterThan(spent / 2);
    expect(Date.parse(stats.read)).toBeGreaterThan(Date.parse(stats.preread));
    expect(Object.keys(stats.networks ?? {})).toEqual(['eth0']);
    const once = await sample('busy', 'stream=false&one-shot=true');
    expect(once.preread).toBe('0001-01-01T00:00:00Z');
    expect(once.cpu_stats.cpu_usage.total_usage).toBeGreaterThanOrEqual(
      stats.cpu_stats.cpu_usage.total_usage,
    );
    const shown = await davit.ok('stats', '--no-stream', 'busy');
    expect(shown).toMatch(
      /^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS\n[0-9a-f]{12} +busy +[1-9]\d*\.\d\d% +[\d.]+MiB \/ 64MiB +\d+\.\d\d% +.* 1$/,
    );
  });

  it('counts what goes over the network', async () => {
    await run('quiet', 'sleep 1000');
    const before = await sample('quiet', 'stream=false&one-shot=true');
    const gateway = await davit.ok('inspect', '-f', '{{.NetworkSettings.Networks.bridge.Gateway}}', 'quiet');
    await davit('exec', 'quiet', 'ping', '-c', '3', '-i', '0.2', '-s', '1000', '-W', '1', gateway);
    const after = await sample('quiet', 'stream=false&one-shot=true');
    const sent = (after.networks?.eth0?.tx_bytes ?? 0) - (before.networks?.eth0?.tx_bytes ?? 0);
    expect(sent).toBeGreaterThan(3000);
    await run('hosted', 'sleep 1000', '--network', 'host');
    expect((await sample('hosted', 'stream=false&one-shot=true')).networks).toBeUndefined();
  });

  it('shows containers that do not run only when asked to', async () => {
    await davit.ok('create', '--name', 'idle', 'busybox');
    const names = async (...args: string[]) =>
      (await davit.ok('stats', '--no-stream', '--format', '{{.Name}}', ...args)).split('\n');
    expect(await names()).not.toContain('idle');
    expect(await names('-a')).toContain('idle');
    const stats = await sample('idle', 'stream=false');
    expect(stats).toMatchObject({ name: '/idle', read: '0001-01-01T00:00:00Z', memory_stats: {} });
    expect(
      await davit.ok('stats', '--no-stream', '--format', '{{.Name}} {{.CPUPerc}} {{.PIDs}}', 'idle'),
    ).toBe('idle 0.00% 0');
  });

  it('says what is missing', async () => {
    const { code, stderr } = await davit('stats', '--no-stream', 'nosuch');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Error response from daemon: No such container: nosuch\n',
    });
    expect((await davit('stats', 'nosuch')).stderr).toContain('No such container: nosuch');
  });

  it.skipIf(againstOriginal.client)(
    'draws a table that follows what comes and goes, until Ctrl-C',
    async () => {
      const terminal = davit.terminal('stats', '--format', 'table {{.Name}}\t{{.PIDs}}');
      await terminal.shows('NAME');
      await run('newcomer', 'sleep 1000');
      await terminal.shows(/newcomer +1/);
      await davit.ok('rm', '-f', 'newcomer');
      terminal.type('\x03');
      expect(await terminal.exit).toBe(130);
      // Drawn over and over from the top, and no line is longer than what is in it.
      expect(terminal.screen()).toContain('\x1b[2J\x1b[H');
      expect(terminal.screen()).toContain('\x1b[K\r\n');
    },
  );
});
