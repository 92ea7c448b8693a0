import { readFileSync } from 'node:fs';
import type { BuildInspect } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine({ client: 'davit' });

const build = (text: string, ...args: string[]) =>
  davit.with({ input: text })('build', '--network', 'none', ...args, '-');
const latest = async (...args: string[]) =>
  JSON.parse(await davit.ok('builder', 'inspect', '-f', '{{json .}}', ...args)) as BuildInspect;

const stages =
  'FROM busybox AS one\nRUN head -c 5000 /dev/zero > /f; sleep 0.3\nFROM busybox AS two\nRUN sleep 0.3\n' +
  'FROM scratch AS unused\nCOPY nosuch /\nFROM busybox\nCOPY --from=one /f /\nCOPY --from=two /bin/busybox /b\n';

describe('the history of builds', () => {
  it('tells of each step whether it was known, how long it took, and what it added', async () => {
    expect((await davit('builder', 'inspect')).stderr).toBe('there has been no build yet\n');
    await build(stages, '-t', 'app', '--build-arg', 'TOKEN=hidden');
    const first = await latest();
    expect(first).toMatchObject({ Names: ['app'], Status: 'completed', Steps: 7, CachedSteps: 0, Error: '' });
    expect(first.Image).toBe(await davit.ok('inspect', '-f', '{{.Id}}', 'app'));
    const [context, , run, , other, , copy] = first.BuildSteps;
    expect(context).toMatchObject({ Number: 0, Stage: '', Status: 'completed' });
    expect(context?.Bytes).toBeGreaterThan(500);
    expect(run).toMatchObject({ Number: 2, Stage: 'one', Line: 2, Status: 'completed', Bytes: 5000 });
    expect(run?.Seconds).toBeGreaterThan(0.3);
    // Stages run side by side.
    expect(other?.StartedAfter).toBeLessThan((run?.StartedAfter ?? 0) + (run?.Seconds ?? 0));
    expect(copy?.StartedAfter).toBeGreaterThanOrEqual((run?.StartedAfter ?? 0) + (run?.Seconds ?? 0));
    await build(stages);
    expect(await latest()).toMatchObject({ Names: [], Status: 'completed', Steps: 7, CachedSteps: 4 });
    expect(await latest(first.ID.slice(0, 8))).toEqual(first);
    expect(JSON.stringify(first)).not.toContain('hidden');
  });

  it('is listed, and drawn', async () => {
    const lines = (await davit.ok('builder', 'history')).split('\n');
    expect(lines[0]).toMatch(/^BUILD ID +NAME +STATUS +CREATED +DURATION +STEPS +CACHED/);
    expect(lines[1]).toMatch(/^[0-9a-f]{12} +Dockerfile +completed +.* ago +[\d.]+s +7 +4/);
    const file = `${engine.directory}/build.html`;
    expect(await davit.ok('builder', 'inspect', '--timeline', file)).toBe('');
    expect(readFileSync(file, 'utf8').match(/class="bar /g)).toHaveLength(8);
    expect(await davit.ok('builder', 'inspect')).toMatch(/\n2 +one +cached +\+\d/);
  });

  it('tells why there is no image', async () => {
    await build('FROM busybox\nRUN exit 3\nRUN true\n');
    const failed = await latest();
    expect(failed).toMatchObject({ Status: 'failed', Error: expect.stringContaining('non-zero code: 3') });
    expect(failed.BuildSteps.map(({ Status }) => Status)).toEqual([
      'completed',
      'completed',
      'failed',
      'waiting',
    ]);
    await build('FROM busybox\nNOSUCH\n');
    expect(await latest()).toMatchObject({
      Status: 'failed',
      Steps: 0,
      Error: expect.stringContaining('NOSUCH'),
    });
    const missing = await davit('builder', 'inspect', 'abc123abc123abc');
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No such build: abc123abc123abc'),
    });
  });

  it('calls canceled what was broken off, by the client or with the engine', async () => {
    const text = "FROM busybox\nRUN echo be''gun; sleep 1000\n";
    const broken = davit.with({ input: text }).start('build', '--network', 'none', '-');
    await broken.prints('begun');
    broken.signal('SIGINT');
    await broken.done;
    await expect.poll(async () => (await latest()).Status).toBe('canceled');
    expect((await latest()).BuildSteps.map(({ Status }) => Status)).toEqual([
      'completed',
      'completed',
      'canceled',
    ]);
    const killed = davit.with({ input: text }).start('build', '-t', 'never', '--network', 'none', '-');
    await killed.prints('begun');
    expect(await latest()).toMatchObject({ Names: ['never'], Status: 'running' });
    await engine.crash();
    await killed.done;
    await engine.start();
    expect(await latest()).toMatchObject({ Names: ['never'], Status: 'canceled', BuildSteps: [] });
  });
});
