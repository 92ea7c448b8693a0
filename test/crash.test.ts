import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';
import { isGone, waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

interface Info {
  Id: string;
  State: { Status: string; Running: boolean; ExitCode: number; Pid: number };
}

/** A folder that containers can look into, and a file in it that they wait for. */
const gate = `${engine.directory}/gate`;
const behindGate = ['-v', `${gate}:/gate`];
const open = (id: string) => writeFileSync(`${gate}/${id.slice(0, 12)}`, '');
const waits = 'until [ -e /gate/$HOSTNAME ]; do sleep 0.05; done';

async function inspect(name: string): Promise<Info> {
  const [info] = JSON.parse(await davit.ok('inspect', name)) as Info[];
  if (!info) throw new Error(`no container ${name}`);
  return info;
}

// dockerd's containers end with it unless it is told otherwise.
describe.skipIf(againstOriginal.engine)('an engine that is killed', () => {
  it('loses no line and no exit code of a container that goes on meanwhile', async () => {
    const script = `i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; usleep 1000; done; ${waits}; exit 23`;
    const id = await davit.ok('run', '-d', '--name', 'counter', ...behindGate, 'busybox', 'sh', '-c', script);
    await waitFor(async () => (await davit.ok('logs', '--tail', '1', 'counter')) >= '1', 'the first lines');
    const { Pid } = (await inspect('counter')).State;
    await engine.crash();
    expect(isGone(Pid)).toBe(false);
    await engine.start();
    expect((await inspect('counter')).State).toMatchObject({ Running: true, Pid });
    open(id);
    expect(await davit.ok('wait', 'counter')).toBe('23');
    const numbers = (await davit.ok('logs', 'counter')).split('\n');
    expect(numbers).toEqual(Array.from({ length: 2000 }, (_, index) => String(index + 1)));
    expect((await inspect('counter')).State).toMatchObject({ Status: 'exited', ExitCode: 23, Pid: 0 });
    await davit.ok('rm', 'counter');
  });

  it('learns the exit code of a container that ended while it was away', async () => {
    await davit.ok(
      'run',
      '-d',
      '--name',
      'away',
      'busybox',
      'sh',
      '-c',
      'echo up; sleep 0.7; echo down; exit 31',
    );
    const { Pid } = (await inspect('away')).State;
    await engine.crash();
    await waitFor(() => isGone(Pid), 'the end of the container');
    await engine.start();
    expect(await davit.ok('wait', 'away')).toBe('31');
    expect((await inspect('away')).State).toMatchObject({ Status: 'exited', ExitCode: 31 });
    expect(await davit.ok('logs', 'away')).toBe('up\ndown');
    await davit.ok('rm', 'away');
  });

  it('removes a container of --rm that ended while it was away', async () => {
    const id = await davit.ok('run', '-d', '--rm', ...behindGate, 'busybox', 'sh', '-c', waits);
    const { Pid } = (await inspect(id)).State;
    await engine.crash();
    open(id);
    await waitFor(() => isGone(Pid), 'the end of the container');
    await engine.start();
    await waitFor(async () => (await davit.ok('ps', '-aq')) === '', 'its removal');
  });

  it('takes up its containers again: exec, attach, input, stop', async () => {
    await davit.ok(
      'run',
      '-d',
      '-i',
      '--name',
      'again',
      'busybox',
      'sh',
      '-c',
      'read line; echo "got $line"; trap "exit 3" TERM; while :; do sleep 0.05; done',
    );
    await engine.crash();
    await engine.start();
    expect(await davit.ok('exec', 'again', 'echo', 'hello')).toBe('hello');
    const attached = davit.with({ input: 'words\n' }).start('attach', 'again');
    await waitFor(async () => (await davit.ok('logs', 'again')) === 'got words', 'the line in the log');
    await davit.ok('stop', 'again');
    await attached.done;
    expect((await inspect('again')).State.ExitCode).toBe(3);
    await davit.ok('start', 'again');
    await davit.ok('rm', '-f', 'again');
  });

  it('keeps published ports and the network of its containers', async () => {
    const page = 'mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www';
    await davit.ok('run', '-d', '--name', 'web', '-p', '8080:80', 'busybox', 'sh', '-c', page);
    const [program = '', ...args] = engine.network.enter([
      'curl',
      '-s',
      '--max-time',
      '2',
      'http://127.0.0.1:8080/',
    ]);
    const fetchPage = async () => (await run(program, args)).stdout === 'page\n';
    await waitFor(fetchPage, 'the page');
    await engine.crash();
    await engine.start();
    await waitFor(fetchPage, 'the page after the crash');
    await davit.ok('rm', '-f', 'web');
  });

  it('starts again cleanly when it was killed at any moment of a start or a removal', async () => {
    for (let round = 0; round < 5; round++) {
      const clients = Array.from({ length: 3 }, () => davit('run', '-d', 'busybox', 'sleep', '1000'));
      const removal = davit
        .ok('ps', '-aq')
        .then((ids) => (ids ? davit('rm', '-f', ...ids.split('\n')) : undefined));
      await waitFor(() => /./.test(engine.log()), 'the engine');
      await new Promise((resolve) => setTimeout(resolve, round * 30));
      await engine.crash();
      await Promise.allSettled([...clients, removal]);
      await engine.start();
      for (const id of (await davit.ok('ps', '-aq', '--no-trunc')).split('\n').filter(Boolean)) {
        const { Status, Running, Pid } = (await inspect(id)).State;
        expect(['created', 'running', 'exited']).toContain(Status);
        if (Running) expect(isGone(Pid)).toBe(false);
      }
    }
    const ids = (await davit.ok('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await davit.ok('rm', '-f', ...ids);
    expect(await davit.ok('run', '--rm', 'busybox', 'echo', 'well')).toBe('well');
  }, 120_000);
});
