import { chmodSync, existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { loadBusybox } from './support/contents.ts';
import { createEngine } from './support/engine.ts';
import { busyboxImage, dockerArchive } from './support/image.ts';
import { createOnDemand } from './support/on-demand.ts';
import { waitFor } from './support/wait.ts';

const machine = await createOnDemand();
const { davit } = machine;

describe('the engine that nobody started', () => {
  afterAll(() => machine.discard());

  it('is started once, by the first of many clients', async () => {
    const clients = Array.from({ length: 4 }, () => davit('version', '--format', '{{json .Server.Version}}'));
    const versions = (await Promise.all(clients)).map(({ code, stdout }) => ({ code, stdout }));
    expect(new Set(versions.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(versions[0]).toMatchObject({ code: 0, stdout: expect.stringMatching(/^"\d+\.\d+\.\d+/) });
    const { stdout } = await run('pgrep', ['-f', `${machine.directory}/davit.sock`]);
    expect(stdout.trim().split('\n')).toEqual([String(machine.pid())]);
  });

  it('does the work of an engine', async () => {
    await davit.with({ input: await dockerArchive([await busyboxImage()]) }).ok('load');
    expect(await davit('run', '--rm', 'busybox', 'sh', '-c', 'echo out; exit 3')).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: '',
    });
  });

  it('stays out of the way of the machine and of the terminal that it was started from', async () => {
    const pid = machine.pid();
    expect(readlinkSync(`/proc/${pid}/ns/mnt`)).not.toBe(readlinkSync('/proc/self/ns/mnt'));
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
    const [, , , , , session = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
    expect(session).not.toBe(readFileSync('/proc/self/stat', 'utf8').split(' ')[5]);
    for (const fd of [0, 1, 2]) expect(readlinkSync(`/proc/${pid}/fd/${fd}`)).not.toMatch(/pipe|pts/);
    const { stdout } = await run('stat', ['-c', '%a', `${machine.directory}/davit.sock`]);
    expect(stdout.trim()).toBe('660');
  });

  it('goes on from where it was when it is started again', async () => {
    const first = machine.pid();
    process.kill(first, 'SIGTERM');
    await waitFor(() => machine.pid() === 0, 'the end of the engine');
    expect(await davit.ok('images', '-q')).not.toBe('');
    expect(machine.pid()).not.toBe(first);
  });

  it('is found again by clients after it was killed, with what ran under it', async () => {
    await davit.ok('run', '-d', '--name', 'survivor', 'busybox', 'sleep', '1000');
    process.kill(machine.pid(), 'SIGKILL');
    await waitFor(() => machine.pid() === 0, 'the end of the engine');
    expect(await davit.ok('exec', 'survivor', 'echo', 'alive')).toBe('alive');
    await davit.ok('rm', '-f', 'survivor');
  });

  it('is named with its log when it cannot be started', async () => {
    const broken = await createOnDemand();
    writeFileSync(`${broken.directory}/data`, 'in the way');
    const { code, stderr } = await broken.davit('ps');
    expect(code).not.toBe(0);
    expect(stderr).toContain(`${broken.directory}/exec/davitd.log`);
    expect(existsSync(`${broken.directory}/exec/davitd.log`)).toBe(true);
    await broken.discard();
  });

  it('is not started by a client that was told another place', async () => {
    const other = await createOnDemand();
    const { code, stderr } = await other.davit('-H', `unix://${other.directory}/nothing.sock`, 'ps');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /Cannot connect to the Docker daemon at unix:\/\/\S+nothing\.sock\. Is the docker daemon running\?/i,
    );
    expect(other.pid()).toBe(0);
    await other.discard();
  });

  it('ends by itself when nothing runs and nobody asks', async () => {
    const engine = await createEngine('davitd', ['--idle-timeout', '1']);
    await engine.start();
    await loadBusybox(engine);
    const created = await engine.request(
      'POST',
      '/containers/create?name=busy',
      '{"Image":"busybox","Cmd":["sleep","2.5"]}',
    );
    expect(created.status).toBe(201);
    await engine.request('POST', '/containers/busy/start');
    const pid = engine.pid();
    const begin = performance.now();
    await waitFor(() => !existsSync(`/proc/${pid}`), 'the end of the engine');
    expect(performance.now() - begin).toBeGreaterThan(2000);
    expect(existsSync(engine.socket)).toBe(false);
    await engine.start();
    await engine.request('DELETE', '/containers/busy?force=1');
    await engine.stop();
    await engine.discard();
  });

  it('says so once when the start takes longer than a second', async () => {
    const slow = await createOnDemand();
    const copy = `${slow.directory}/package`;
    await run('mkdir', ['-p', copy]);
    expect((await run('cp', ['-r', 'bin', 'dist', 'package.json', copy])).code).toBe(0);
    await run('ln', ['-s', `${process.cwd()}/node_modules`, `${copy}/node_modules`]);
    writeFileSync(`${copy}/bin/davitd`, `#!/bin/sh\nsleep 1.3\nexec ${process.cwd()}/bin/davitd "$@"\n`);
    chmodSync(`${copy}/bin/davitd`, 0o755);
    const [enter = '', network = ''] = slow.davit.argv;
    const { code, stderr } = await run(enter, [network, `${copy}/bin/davit`, 'ps'], { env: slow.davit.env });
    expect(code).toBe(0);
    expect(stderr.match(/Starting the davit engine/g)).toHaveLength(1);
    await slow.discard();
  });
});
