import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { containerCreateBody, createFrameDecoder, execCreateBody, execStartBody } from '@davit/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setLogLevel } from '../log.ts';
import { removeEngineCgroups } from '../runtime/cgroup.ts';
import { findProgram } from '../runtime/find.ts';
import { layerName, layersRoot } from '../storage/layers.ts';
import { diffId, engineId, obstacles, openService } from './service.fixture.ts';
import type { ContainerService } from './service.ts';

const version = '1.51';

describe.skipIf(obstacles.length > 0)('containers on this kernel', { timeout: 60_000 }, () => {
  let folder = '';
  let open: Awaited<ReturnType<typeof openService>>;
  let service: ContainerService;

  beforeAll(async () => {
    setLogLevel('fatal');
    folder = mkdtempSync(join(tmpdir(), 'davit-containers-'));
    const root = join(layersRoot(folder), layerName(diffId));
    mkdirSync(join(root, 'bin'), { recursive: true });
    mkdirSync(join(root, 'etc'));
    cpSync(findProgram('busybox') ?? '', join(root, 'bin/busybox'));
    for (const name of ['sh', 'cat', 'sleep', 'echo', 'dd', 'pwd', 'true'])
      symlinkSync('busybox', join(root, 'bin', name));
    symlinkSync(folder, join(root, 'outside'));
    symlinkSync('/etc', join(root, 'link'));
    open = await openService(folder);
    service = open.service;
  });
  afterAll(async () => {
    await Promise.allSettled((await list()).map(({ Id }) => service.remove(Id, { force: true })));
    open.close();
    await removeEngineCgroups(engineId);
    rmSync(folder, { recursive: true });
  });

  /** Closes the service as a crash would, as far as the containers can tell, and opens it again. */
  async function reopen(meanwhile: () => Promise<unknown>): Promise<void> {
    open.close();
    await meanwhile();
    open = await openService(folder);
    service = open.service;
  }

  const list = () => service.list({ all: true, limit: null, size: false, filters: {} });

  async function create(part: object, host: object = {}, name = ''): Promise<string> {
    const body = containerCreateBody(
      { Image: 'busybox', ...part, HostConfig: { NetworkMode: 'none', ...host } },
      '',
    );
    return (await service.create({ name, platform: '', body })).Id;
  }
  const shell = (script: string) => ({ Cmd: ['sh', '-c', script] });
  const wait = (id: string, condition = '') =>
    service.wait(id, condition, new AbortController().signal).ended;
  const stateOf = async (id: string) => (await service.inspect(id, false)).State;

  async function logsOf(id: string, follow = false): Promise<string> {
    const all = {
      stdout: true,
      stderr: true,
      since: '',
      until: '',
      timestamps: false,
      details: false,
      tail: '',
    };
    const { body } = await service.logs(id, { ...all, follow }, version, new AbortController().signal);
    return text(body);
  }
  async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
    let got = '';
    const decode = createFrameDecoder((_, bytes) => {
      got += Buffer.from(bytes).toString();
    });
    for await (const bytes of body) decode(bytes);
    return got;
  }

  const all = { stdin: true, stdout: true, stderr: true, stream: true, logs: false, detachKeys: '' };
  /** Attaches; the server ends a connection when its handler is through. */
  function attach(id: string, options: Partial<typeof all> = {}): { far: Duplex; served: Promise<void> } {
    const [near, far] = duplexPair();
    const served = service
      .attach(id, { ...all, ...options }, () => near, version)
      .then(() => void near.end());
    return { far, served };
  }

  /** Nothing of a container that ended may be left in the kernel or on the disk. */
  function expectNothingLeft(id: string): void {
    expect(existsSync(join(folder, 'containers', id))).toBe(false);
    expect(existsSync(join(folder, 'overlay/containers', id))).toBe(false);
    expect(readdirSync(join(folder, 'bundles'))).not.toContain(id);
    expect(readdirSync(join(folder, 'exits'))).not.toContain(id);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(id);
  }

  test('one is created, runs, ends with its code and is removed without a trace', async () => {
    const id = await create(shell('echo out; echo err >&2; exit 7'), {}, 'life');
    expect(await stateOf('life')).toMatchObject({ Status: 'created', Running: false });
    await service.start('life');
    expect(await wait(id)).toBe(7);
    expect(await logsOf('life')).toBe('out\nerr\n');
    expect(await stateOf(id)).toMatchObject({ Status: 'exited', ExitCode: 7, Pid: 0, Error: '' });
    await service.remove('life', { force: false });
    expectNothingLeft(id);
    expect(open.actions(id)).toEqual(['create', 'start', 'die', 'destroy']);
  });

  test('what cannot be started says why, keeps its state and holds nothing', async () => {
    const id = await create({ Cmd: ['nosuch'] });
    await expect(service.start(id)).rejects.toMatchObject({
      kind: 'badParameter',
      message: expect.stringContaining('exec: "nosuch": executable file not found in $PATH'),
    });
    expect(await stateOf(id)).toMatchObject({ Status: 'created', ExitCode: 127 });
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(id);
    await service.remove(id, { force: false });

    const other = await create({ Cmd: ['/etc'] }, { AutoRemove: true });
    const removed = wait(other, 'removed');
    await expect(service.start(other)).rejects.toThrow('/etc');
    expect(await removed).toBe(126);
    expectNothingLeft(other);
  });

  test('a client that attaches first gives all input and gets all output, also of --rm', async () => {
    const id = await create(
      { ...shell('cat; echo over >&2'), OpenStdin: true, StdinOnce: true },
      { AutoRemove: true },
    );
    const { far, served } = attach(id);
    const removed = wait(id, 'removed');
    far.end('input');
    await service.start(id);
    expect(await text(far)).toBe('inputover\n');
    await served;
    expect(await removed).toBe(0);
    expectNothingLeft(id);
    expect(open.actions(id)).toEqual(['create', 'attach', 'start', 'die', 'destroy']);
  });

  test('a client may come late and read what was printed before', async () => {
    const id = await create({ ...shell('echo early; read line; echo "got $line"'), OpenStdin: true });
    await service.start(id);
    while ((await logsOf(id)) !== 'early\n') await pause(20);
    const { far, served } = attach(id, { logs: true });
    far.write('words\n');
    expect(await text(far)).toBe('early\ngot words\n');
    await served;
    expect(await logsOf(id)).toBe('early\ngot words\n');
  });

  test('many requests at once leave one truth', async () => {
    const id = await create({ Cmd: ['sleep', '100'] });
    const starts = await Promise.allSettled([1, 2, 3, 4].map(() => service.start(id)));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const start of starts)
      if (start.status === 'rejected') expect(start.reason.kind).toBe('notModified');
    await expect(service.remove(id, { force: false })).rejects.toThrow(
      'container is running: stop the container',
    );
    const removals = await Promise.allSettled([1, 2].map(() => service.remove(id, { force: true })));
    expect(removals.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(removals[1]).toMatchObject({
      reason: { message: `removal of container ${id} is already in progress` },
    });
    expectNothingLeft(id);
    expect(open.actions(id)).toEqual(['create', 'start', 'kill', 'die', 'destroy']);
  });

  test('a container that is being started is removed after that', async () => {
    const id = await create({ Cmd: ['sleep', '100'] });
    const [start, removal] = await Promise.allSettled([
      service.start(id),
      service.remove(id, { force: true }),
    ]);
    expect(removal.status).toBe('fulfilled');
    expect(start.status).toBe('rejected');
    expectNothingLeft(id);
  });

  test('stop asks first and kills in the end; a restart is the same container', async () => {
    const id = await create(shell('trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done'));
    const printed = async (output: string) => {
      while ((await logsOf(id)) !== output) await pause(20);
    };
    await service.start(id);
    await printed('ready\n');
    await service.restart(id, { signal: '', timeout: 20 });
    await printed('ready\nready\n');
    await service.stop(id, { signal: '', timeout: 20 });
    expect(await stateOf(id)).toMatchObject({ Status: 'exited', ExitCode: 5 });
    await expect(service.stop(id, { signal: '', timeout: 0 })).rejects.toMatchObject({ kind: 'notModified' });
    const deaf = await create({ Cmd: ['sleep', '100'] });
    await service.start(deaf);
    await service.stop(deaf, { signal: '', timeout: 0 });
    expect(await stateOf(deaf)).toMatchObject({ ExitCode: 137 });
    expect(open.actions(deaf)).toEqual(['create', 'start', 'kill', 'kill', 'die', 'stop']);
  });

  test('a restart policy tries again as often as it says', async () => {
    const id = await create(shell('exit 3'), { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } });
    await service.start(id);
    while ((await stateOf(id)).Status !== 'exited') await pause(50);
    expect(await service.inspect(id, false)).toMatchObject({ RestartCount: 2, State: { ExitCode: 3 } });
    expect(open.actions(id).filter((action) => action === 'start')).toHaveLength(3);
  });

  test.each<[string, (id: string) => Promise<void>]>([
    ['stopped', (id) => service.stop(id, { signal: '', timeout: 0 })],
    ['killed', (id) => service.kill(id, 'KILL')],
  ])('a container that waits for its restart can be %s', async (_, end) => {
    const id = await create(shell('exit 3'), { RestartPolicy: { Name: 'always' } });
    await service.start(id);
    while ((await stateOf(id)).Status !== 'restarting') await pause(5);
    await end(id);
    await pause(300);
    expect(await stateOf(id)).toMatchObject({ Status: 'exited', Running: false, ExitCode: 3 });
  });

  test('an exec has its own streams and code', async () => {
    const id = await create({ Cmd: ['sleep', '100'], WorkingDir: '/srv/made' });
    await service.start(id);
    const run = async (part: object) => {
      const { Id } = service.execs.create(
        id,
        execCreateBody({ AttachStdout: true, AttachStderr: true, ...part }, ''),
      );
      const [near, far] = duplexPair();
      const done = service.execs.start(Id, execStartBody({}, ''), () => near, version).then(() => near.end());
      if ('AttachStdin' in part) far.end('typed');
      const output = await text(far);
      await done;
      return { output, code: service.execs.inspect(Id).ExitCode };
    };
    expect(await run({ Cmd: ['sh', '-c', 'pwd; exit 4'] })).toEqual({ output: '/srv/made\n', code: 4 });
    expect(await run({ Cmd: ['cat'], AttachStdin: true })).toEqual({ output: 'typed', code: 0 });
    const failed = await run({ Cmd: ['nosuch'] });
    expect(failed).toMatchObject({ code: 127, output: expect.stringContaining('OCI runtime exec failed') });
    await service.remove(id, { force: true });
    expectNothingLeft(id);
  });

  test('an image cannot lead mounts and folders out of its root', async () => {
    const source = join(folder, 'source');
    const binds = (destination: string) => ({ Binds: [`${source}:${destination}`] });
    const id = await create(
      { ...shell('echo here > /link/mine/file'), WorkingDir: '/outside/work' },
      binds('/link/mine'),
    );
    await service.start(id);
    expect(await wait(id)).toBe(0);
    expect(readFileSync(join(source, 'file'), 'utf8')).toBe('here\n');
    expect(existsSync(join(folder, 'work'))).toBe(false);
  });

  test('a client that reads late finds all that a container printed, which waited for nobody and is gone', async () => {
    const id = await create({ Cmd: ['dd', 'if=/dev/zero', 'bs=65536', 'count=500'] }, { AutoRemove: true });
    const { far, served } = attach(id, { stdin: false });
    const removed = wait(id, 'removed');
    await service.start(id);
    expect(await removed).toBe(0);
    expectNothingLeft(id);
    let length = 0;
    const decode = createFrameDecoder((stream, bytes) => {
      if (stream === 1) length += bytes.length;
    });
    far.on('data', decode);
    await served;
    while (length < 65536 * 500) await pause(5);
    expect(length).toBe(65536 * 500);
  });

  test('where there is no log, a client that does not read keeps no container from its end by force', async () => {
    const id = await create(
      { Cmd: ['dd', 'if=/dev/zero', 'bs=65536', 'count=1000'] },
      { LogConfig: { Type: 'none' } },
    );
    const { served } = attach(id, { stdin: false });
    await service.start(id);
    await pause(200);
    expect(await stateOf(id)).toMatchObject({ Status: 'running' });
    await service.remove(id, { force: true });
    await served;
    expectNothingLeft(id);
  });

  test('after a crash, what ran on is kept, what ended is ended, what was half done is finished', async () => {
    const kept = await create(shell('read line; echo "got $line"; exit 9'), {}, 'kept');
    const open1 = await create({ ...shell('read line; echo "got $line"; exit 9'), OpenStdin: true });
    const ended = await create(shell('echo last words; sleep 0.3; exit 31'));
    const gone = await create({ Cmd: ['sleep', '0.3'] }, { AutoRemove: true });
    for (const id of [open1, ended, gone]) await service.start(id);
    await reopen(() => pause(1500));
    expect(await stateOf(open1)).toMatchObject({ Status: 'running' });
    expect(await stateOf(ended)).toMatchObject({ Status: 'exited', ExitCode: 31 });
    expect(await logsOf(ended)).toBe('last words\n');
    expect((await list()).map(({ Id }) => Id)).not.toContain(gone);
    expectNothingLeft(gone);
    const following = logsOf(open1, true);
    const { far } = attach(open1);
    far.write('more\n');
    expect(await wait(open1, 'next-exit')).toBe(9);
    expect(await following).toBe('got more\n');
    expect(await stateOf(kept)).toMatchObject({ Status: 'created' });
  });

  test('a container that was killed with its monitor is found dead', async () => {
    const id = await create({ Cmd: ['sleep', '100'] });
    await service.start(id);
    const monitor = Number(readFileSync(join(open.runtime.bundle(id), 'conmon.pid'), 'utf8'));
    const { Pid } = await stateOf(id);
    await reopen(async () => {
      process.kill(monitor, 'SIGKILL');
      process.kill(Pid, 'SIGKILL');
      await pause(100);
    });
    expect(await stateOf(id)).toMatchObject({ Status: 'exited', ExitCode: 137 });
    await service.start(id);
    const next = Number(readFileSync(join(open.runtime.bundle(id), 'conmon.pid'), 'utf8'));
    process.kill(next, 'SIGKILL');
    process.kill((await stateOf(id)).Pid, 'SIGKILL');
    expect(await wait(id)).toBe(137);
  });
});
