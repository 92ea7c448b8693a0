import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

async function state(name: string): Promise<Record<string, unknown>> {
  const [info] = JSON.parse(await davit.ok('inspect', name)) as { State: Record<string, unknown> }[];
  return info?.State ?? {};
}

describe('the life of a container', () => {
  it('goes from created to running to exited and back', async () => {
    await davit.ok(
      'create',
      '--name',
      'life',
      'busybox',
      'sh',
      '-c',
      'trap "exit 5" TERM; while :; do sleep 0.05; done',
    );
    expect(await state('life')).toMatchObject({
      Status: 'created',
      Running: false,
      Pid: 0,
      StartedAt: '0001-01-01T00:00:00Z',
    });
    expect(await davit.ok('start', 'life')).toBe('life');
    const running = await state('life');
    expect(running).toMatchObject({ Status: 'running', Running: true, FinishedAt: '0001-01-01T00:00:00Z' });
    expect(running.Pid).toBeGreaterThan(1);
    expect(await davit.ok('start', 'life')).toBe('life');

    expect(await davit.ok('stop', 'life')).toBe('life');
    const stopped = await state('life');
    expect(stopped).toMatchObject({ Status: 'exited', ExitCode: 5, Pid: 0, OOMKilled: false });
    expect(Date.parse(String(stopped.FinishedAt))).toBeGreaterThanOrEqual(
      Date.parse(String(stopped.StartedAt)),
    );

    expect(await davit.ok('restart', 'life')).toBe('life');
    const again = await state('life');
    expect(again).toMatchObject({ Status: 'running', ExitCode: 0 });
    expect(again.Pid).not.toBe(running.Pid);

    const refused = await davit('rm', 'life');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/cannot remove .*running|cannot remove a running container/i);
    expect(await davit.ok('rm', '-f', 'life')).toBe('life');
    expect((await davit('inspect', 'life')).code).toBe(1);
  });

  it('keeps what was written in its root over a restart', async () => {
    await davit.ok('run', '--name', 'files', 'busybox', 'sh', '-c', 'echo line >> /kept; wc -l < /kept');
    await davit.ok('start', '-a', 'files');
    expect(await davit.ok('start', '-a', 'files')).toBe('3');
    await davit.ok('rm', 'files');
  });

  it('kills what does not listen to the stop signal, after the time given', async () => {
    await davit.ok(
      'run',
      '-d',
      '--name',
      'deaf',
      'busybox',
      'sh',
      '-c',
      'trap "" TERM; while :; do sleep 0.05; done',
    );
    const begin = performance.now();
    await davit.ok('stop', '-t', '1', 'deaf');
    expect(performance.now() - begin).toBeGreaterThan(900);
    expect(await state('deaf')).toMatchObject({ ExitCode: 137, Status: 'exited' });
    await davit.ok('rm', 'deaf');
  });

  it('stops with the signal that the container asks for', async () => {
    const script = 'trap "exit 42" USR1; while :; do sleep 0.05; done';
    await davit.ok('run', '-d', '--name', 'polite', '--stop-signal', 'USR1', 'busybox', 'sh', '-c', script);
    await davit.ok('stop', 'polite');
    expect((await state('polite')).ExitCode).toBe(42);
    await davit.ok('rm', 'polite');
  });

  it('sends any signal by name or number', async () => {
    const script =
      'trap "echo hup" HUP; trap "echo usr1; exit 0" USR1; echo up; while :; do sleep 0.05; done';
    await davit.ok('run', '-d', '--name', 'signals', 'busybox', 'sh', '-c', script);
    await waitFor(async () => (await davit.ok('logs', 'signals')) === 'up', 'the trap');
    await davit.ok('kill', '-s', 'HUP', 'signals');
    await waitFor(async () => (await davit.ok('logs', 'signals')) === 'up\nhup', 'the first signal');
    await davit.ok('kill', '--signal', '10', 'signals');
    expect(await davit.ok('wait', 'signals')).toBe('0');
    expect(await davit.ok('logs', 'signals')).toBe('up\nhup\nusr1');
    const dead = await davit('kill', 'signals');
    expect(dead.code).toBe(1);
    expect(dead.stderr).toMatch(/is not running/);
    await davit.ok('rm', 'signals');
  });

  it('waits for several, also for those that ended before', async () => {
    await davit('run', '--name', 'first', 'busybox', 'sh', '-c', 'exit 3');
    await davit.ok('run', '-d', '--name', 'second', 'busybox', 'sh', '-c', 'sleep 0.3; exit 4');
    expect(await davit.ok('wait', 'first', 'second')).toBe('3\n4');
    await davit.ok('rm', 'first', 'second');
  });

  it('attaches to what runs, passes on its input and output and ends with its exit code', async () => {
    await davit.ok(
      'run',
      '-d',
      '-i',
      '--name',
      'attachable',
      'busybox',
      'sh',
      '-c',
      'read a; echo "got $a"; echo err >&2; exit 6',
    );
    // Left open: when its input ends, docker's attach looks at no more output.
    const input = new PassThrough();
    input.write('words\n');
    const result = await davit.with({ input })('attach', 'attachable');
    expect(result).toEqual({ code: 6, stdout: 'got words\n', stderr: 'err\n' });
    await davit.ok('rm', 'attachable');
  });

  it('starts attached, with input', async () => {
    await davit.ok('create', '-i', '--name', 'eater', 'busybox', 'sh', '-c', 'cat; exit 2');
    const result = await davit.with({ input: 'food' })('start', '-ai', 'eater');
    expect(result).toEqual({ code: 2, stdout: 'food', stderr: '' });
    await davit.ok('rm', 'eater');
  });

  it('says what is missing', async () => {
    for (const verb of ['start', 'stop', 'kill', 'restart', 'rm', 'logs', 'wait', 'attach']) {
      const { code, stderr } = await davit(verb, 'nosuch');
      expect(stderr).toContain('No such container: nosuch');
      expect(code).toBe(1);
    }
  });

  it('goes on over a restart of the engine, which sees what ended meanwhile', async () => {
    const lasting = await davit.ok('create', '--name', 'lasting', 'busybox', 'true');
    await davit('run', '--name', 'ended', 'busybox', 'sh', '-c', 'echo before; exit 8');
    await engine.stop();
    await engine.start();
    expect(await davit.ok('ps', '-aq', '--no-trunc', '--filter', 'name=lasting')).toBe(lasting);
    expect(await state('ended')).toMatchObject({ Status: 'exited', ExitCode: 8 });
    expect(await davit.ok('logs', 'ended')).toBe('before');
    await davit.ok('start', 'lasting');
    expect(await davit.ok('wait', 'lasting')).toBe('0');
    await davit.ok('rm', 'lasting', 'ended');
  });
});
