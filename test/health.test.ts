import { describe, expect, it } from 'vitest';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine({ args: ['--live-restore'] });

const run = (name: string, ...flags: string[]) =>
  davit.ok('run', '-d', '--name', name, '--network', 'none', ...flags, 'busybox', 'sleep', '1000');
const often = ['--health-interval', '50ms'];

interface Health {
  Status: string;
  FailingStreak: number;
  Log: { Start: string; End: string; ExitCode: number; Output: string }[];
}
const healthOf = async (name: string) =>
  JSON.parse(await davit.ok('inspect', '-f', '{{json .State.Health}}', name)) as Health;
const becomes = (name: string, status: string) =>
  waitFor(async () => (await healthOf(name)).Status === status, `${name} to be ${status}`);
const statusOf = (name: string) => davit.ok('ps', '--filter', `name=${name}`, '--format', '{{.Status}}');

describe('health checks', () => {
  it('are told of in ps, inspect and events', async () => {
    await run('fit', '--health-cmd', 'test -e /well && echo fine', '--health-retries', '2', ...often);
    expect(await statusOf('fit')).toMatch(/^Up .* \((health: starting|unhealthy)\)$/);
    await becomes('fit', 'unhealthy');
    expect(await statusOf('fit')).toMatch(/\(unhealthy\)$/);
    await davit.ok('exec', 'fit', 'touch', '/well');
    await becomes('fit', 'healthy');
    expect(await statusOf('fit')).toMatch(/^Up .* \(healthy\)$/);
    expect(await davit.ok('ps', '--filter', 'health=healthy', '--format', '{{.Names}}')).toBe('fit');
    expect(await davit.ok('ps', '-q', '--filter', 'health=none')).toBe('');
    const { Log, FailingStreak } = await healthOf('fit');
    expect(FailingStreak).toBe(0);
    expect(Log.length).toBeLessThanOrEqual(5);
    expect(Log.at(-1)).toMatchObject({ ExitCode: 0, Output: 'fine\n' });
    const { body } = await engine.request('GET', `/events?since=0&until=${Math.ceil(Date.now() / 1000)}`);
    const actions = body
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { Action: string }).Action);
    const command = '/bin/sh -c test -e /well && echo fine';
    for (const action of [`exec_create: ${command}`, `exec_start: ${command}`, 'exec_die']) {
      expect(actions).toContain(action);
    }
    expect(actions.filter((action) => action.startsWith('health_status'))).toEqual([
      'health_status: unhealthy',
      'health_status: healthy',
    ]);
    await davit.ok('rm', '-f', 'fit');
  });

  it('end a probe that takes too long, and keep the beginning of what it prints', async () => {
    await run('slow', '--health-cmd', 'echo on; sleep 99', '--health-timeout', '200ms', ...often);
    await waitFor(async () => (await healthOf('slow')).Log.length > 0, 'a result');
    expect((await healthOf('slow')).Log[0]).toMatchObject({
      ExitCode: -1,
      Output: 'Health check exceeded timeout (200ms): on\n',
    });
    await davit.ok('rm', '-f', 'slow');
    await run('chatty', '--health-cmd', 'yes | head -c 9000', ...often);
    await becomes('chatty', 'healthy');
    expect((await healthOf('chatty')).Log[0]?.Output).toBe(`${'y\n'.repeat(2048)}...`);
    await davit.ok('rm', '-f', 'chatty');
  });

  it('rest while the container is paused, and end with it', async () => {
    await run('rests', '--health-cmd', 'true', ...often);
    await becomes('rests', 'healthy');
    await davit.ok('pause', 'rests');
    const { Status, Log } = await healthOf('rests');
    expect(Status).toBe('unhealthy');
    await davit.ok('unpause', 'rests');
    await becomes('rests', 'healthy');
    expect(Log.length).toBeGreaterThan(0);
    await davit.ok('kill', 'rests');
    expect((await healthOf('rests')).Status).toBe('unhealthy');
    await davit.ok('rm', 'rests');
  });

  it('go on under the next engine', async () => {
    await run('lives', '--health-cmd', 'test -e /well', '--health-retries', '1', ...often);
    await becomes('lives', 'unhealthy');
    await engine.crash();
    await engine.start();
    expect((await healthOf('lives')).Status).toBe('unhealthy');
    await davit.ok('exec', 'lives', 'touch', '/well');
    await becomes('lives', 'healthy');
    await davit.ok('rm', '-f', 'lives');
  });

  it('are left out on request', async () => {
    await run('without', '--no-healthcheck');
    expect(await healthOf('without')).toBeNull();
    await davit.ok('rm', '-f', 'without');
  });
});
