import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { tar } from './support/image.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { engine } = await useEngine();
const docker = new Docker({ socketPath: engine.socket });

/** Starts a container in the background. */
async function sleeping(name: string, more: Docker.ContainerCreateOptions = {}): Promise<Docker.Container> {
  const container = await docker.createContainer({ name, Image: 'busybox', Cmd: ['sleep', '1000'], ...more });
  await container.start();
  return container;
}

/** Both streams of an attached connection, to their end. */
async function streamsOf(container: Pick<Docker.Container, 'modem'>, stream: NodeJS.ReadableStream) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  container.modem.demuxStream(stream, out, err);
  stream.on('end', () => {
    out.end();
    err.end();
  });
  const [stdout, stderr] = await Promise.all([text(out), text(err)]);
  return { stdout, stderr };
}

/** Names and contents of the files in an archive. */
async function filesIn(archive: Buffer): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) files[entry.header.name] = await text(entry as unknown as Readable);
  return files;
}

describe.concurrent('dockerode', () => {
  it('runs a container and hears both of its streams', async ({ expect }) => {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const heard = Promise.all([text(out), text(err)]);
    const command = ['sh', '-c', 'echo out; echo err >&2; exit 7'];
    // It ends both when the connection ends, which may be after the container's end is told.
    const [result, container] = await docker.run('busybox', command, [out, err], { Tty: false });
    expect(result).toMatchObject({ StatusCode: 7 });
    expect(await heard).toEqual(['out\n', 'err\n']);
    await (container as Docker.Container).remove();
    await expect((container as Docker.Container).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('creates, inspects, lists and removes containers', async ({ expect }) => {
    const container = await docker.createContainer({
      name: 'told',
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      Labels: { of: 'dockerode' },
      HostConfig: { Memory: 64 << 20, RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    });
    const info = await container.inspect();
    expect(info).toMatchObject({
      Name: '/told',
      State: { Status: 'created' },
      Config: { Labels: { of: 'dockerode' } },
      HostConfig: { Memory: 64 << 20, RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    });
    await container.start();
    const [listed, ...others] = await docker.listContainers({ filters: { label: ['of=dockerode'] } });
    expect(others).toEqual([]);
    expect(listed).toMatchObject({ Id: container.id, Names: ['/told'], State: 'running' });
    await expect(docker.createContainer({ name: 'told', Image: 'busybox' })).rejects.toMatchObject({
      statusCode: 409,
    });
    await expect(container.remove()).rejects.toMatchObject({ statusCode: 409 });
    await container.rename({ name: 'renamed' });
    await container.remove({ force: true });
    await expect(docker.getContainer('renamed').inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('attaches, passes input on and closes it', async ({ expect }) => {
    const container = await docker.createContainer({
      ...{ Image: 'busybox', Cmd: ['sh', '-c', 'cat; echo end >&2'] },
      ...{ OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true },
    });
    const stream = await container.attach({
      ...{ stream: true, stdin: true, stdout: true, stderr: true, hijack: true },
    });
    const heard = streamsOf(container, stream);
    await container.start();
    const words = 'many words '.repeat(20_000);
    stream.end(words);
    const { stdout, stderr } = await heard;
    expect(stdout === words).toBe(true);
    expect(stderr).toBe('end\n');
    expect(await container.wait()).toMatchObject({ StatusCode: 0 });
  });

  it('has a terminal and resizes it', async ({ expect }) => {
    const container = await docker.createContainer({
      ...{ Image: 'busybox', Cmd: ['sh'], Tty: true, OpenStdin: true },
    });
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
    let shown = '';
    stream.on('data', (data: Buffer) => {
      shown += data;
    });
    await container.start();
    await container.resize({ h: 33, w: 99 });
    stream.write('until [ "$(stty size)" = "33 99" ]; do sleep 0.02; done; echo si""ze\n');
    await expect.poll(() => shown, { timeout: 10_000 }).toContain('size\r\n');
    stream.write('exit 4\n');
    expect(await container.wait()).toMatchObject({ StatusCode: 4 });
  });

  it('executes commands beside the program', async ({ expect }) => {
    const container = await sleeping('host');
    const exec = await container.exec({
      Cmd: ['sh', '-c', 'read line; echo "$line $WHO"; echo err >&2; exit 5'],
      ...{ Env: ['WHO=there'], User: 'nobody', AttachStdin: true, AttachStdout: true, AttachStderr: true },
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const heard = streamsOf(container, stream);
    stream.write('hello\n');
    expect(await heard).toEqual({ stdout: 'hello there\n', stderr: 'err\n' });
    await expect.poll(async () => (await exec.inspect()).ExitCode).toBe(5);
    expect(await exec.inspect()).toMatchObject({ Running: false, ContainerID: container.id });
  });

  it('reads logs, also as they are written', async ({ expect }) => {
    const script = 'for i in 1 2 3; do echo line $i; done; echo bad >&2; read go; echo line 4';
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sh', '-c', script],
      OpenStdin: true,
    });
    const input = await container.attach({ stream: true, stdin: true, hijack: true });
    await container.start();
    const followed = await container.logs({ follow: true, stdout: true, stderr: true });
    const heard = streamsOf(container, followed);
    await expect
      .poll(async () => (await container.logs({ stdout: true, stderr: true })).toString())
      .toContain('bad');
    const tail = await container.logs({ stdout: true, stderr: true, tail: 1 });
    expect(tail.subarray(8).toString()).toMatch(/^(line 3|bad)\n$/);
    const errors = await container.logs({ stdout: false, stderr: true });
    expect(errors.subarray(8).toString()).toBe('bad\n');
    input.write('\n');
    expect(await heard).toEqual({ stdout: 'line 1\nline 2\nline 3\nline 4\n', stderr: 'bad\n' });
  });

  it('measures and lists processes', async ({ expect }) => {
    const container = await sleeping('measured');
    const sample = await container.stats({ stream: false, 'one-shot': true });
    expect(sample.memory_stats.usage).toBeGreaterThan(0);
    expect(sample.pids_stats?.current).toBe(1);
    const stream = (await container.stats({ stream: true })) as unknown as Readable;
    const [first] = (await once(stream, 'data')) as [Buffer];
    expect(JSON.parse(first.toString())).toMatchObject({ id: container.id });
    stream.destroy();
    const { Processes, Titles } = await container.top({ ps_args: '-eo pid,args' });
    expect(Titles).toEqual(['PID', 'COMMAND']);
    expect(Processes[0]?.[1]).toBe('sleep 1000');
  });

  it('waits, stops, kills, pauses and restarts', async ({ expect }) => {
    const container = await sleeping('moved');
    await container.pause();
    expect((await container.inspect()).State.Paused).toBe(true);
    await container.unpause();
    await container.restart({ t: 0 });
    await container.update({ PidsLimit: 20 });
    expect((await container.inspect()).HostConfig.PidsLimit).toBe(20);
    const ended = container.wait({ condition: 'next-exit' });
    await container.kill({ signal: 'KILL' });
    expect(await ended).toMatchObject({ StatusCode: 137 });
    await expect(container.kill()).rejects.toMatchObject({ statusCode: 409 });
    await container.start();
    await container.stop({ t: 0 });
    const removed = container.wait({ condition: 'removed' });
    await container.remove({ v: true });
    expect(await removed).toMatchObject({ StatusCode: 137 });
  });

  it('puts archives into a container and takes them out', async ({ expect }) => {
    const container = await sleeping('files');
    await container.putArchive(await tar([{ name: 'in/file', content: 'content' }]), { path: '/tmp' });
    const archive = await buffer(await container.getArchive({ path: '/tmp/in' }));
    expect(await filesIn(archive)).toEqual({ 'in/': '', 'in/file': 'content' });
    const { headers } = (await container.infoArchive({ path: '/tmp/in/file' })) as unknown as {
      headers: Record<string, string>;
    };
    const stat = JSON.parse(Buffer.from(headers['x-docker-container-path-stat'] ?? '', 'base64').toString());
    expect(stat).toMatchObject({ name: 'file', size: 7 });
    const changes = (await container.changes()) as { Path: string; Kind: number }[];
    expect(changes).toContainEqual({ Path: '/tmp/in/file', Kind: 1 });
    await expect(container.getArchive({ path: '/nosuch' })).rejects.toMatchObject({ statusCode: 404 });
    const exported = await filesIn(await buffer(await container.export()));
    expect(exported['tmp/in/file']).toBe('content');
  });

  it('commits a container to an image, which runs', async ({ expect }) => {
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sh', '-c', 'echo kept > /kept'],
    });
    await container.start();
    await container.wait();
    await container.commit({
      repo: 'committed',
      tag: 'one',
      author: 'A. Davit',
      changes: 'CMD ["cat", "/kept"]',
    });
    const image = await docker.getImage('committed:one').inspect();
    expect(image).toMatchObject({ Author: 'A. Davit', Config: { Cmd: ['cat', '/kept'] } });
    const out = new PassThrough();
    const heard = text(out);
    await docker.run('committed:one', [], out, { Tty: true });
    out.end();
    expect(await heard).toBe('kept\r\n');
    const history = (await docker.getImage('committed:one').history()) as unknown[];
    expect(history.length).toBe(2);
  });
});

describe('what dockerode prunes', () => {
  it('is what has ended, by labels', async () => {
    const ended = await docker.createContainer({ Image: 'busybox', Labels: { prune: 'me' } });
    const spared = await docker.createContainer({ Image: 'busybox', Labels: { prune: 'not' } });
    const { ContainersDeleted } = await docker.pruneContainers({ filters: { label: ['prune=me'] } });
    expect(ContainersDeleted).toEqual([ended.id]);
    await expect(ended.inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect((await spared.inspect()).State.Status).toBe('created');
    await docker.createVolume({ Name: 'unused', Labels: { prune: 'me' } });
    // Engines before 23 prune those with a name as well, and know no such filter.
    const named: Record<string, string[]> = againstOriginal.engine ? {} : { all: ['true'] };
    const volumes = await docker.pruneVolumes({ filters: { label: ['prune=me'], ...named } });
    expect(volumes.VolumesDeleted).toEqual(['unused']);
    await docker.createNetwork({ Name: 'unused', Labels: { prune: 'me' } });
    const networks = await docker.pruneNetworks({ filters: { label: ['prune=me'] } });
    expect(networks.NetworksDeleted).toEqual(['unused']);
  });
});

it('hears of all that in events', async () => {
  const since = 0;
  const until = Math.ceil(Date.now() / 1000);
  const stream = await docker.getEvents({
    since,
    until,
    filters: { type: ['container'], container: ['moved'] },
  });
  const actions = (await text(stream))
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { Action: string }).Action);
  expect(actions).toEqual(
    expect.arrayContaining([
      'create',
      'start',
      'pause',
      'unpause',
      'restart',
      'update',
      'kill',
      'die',
      'destroy',
    ]),
  );
  expect(await docker.ping()).toBeTruthy();
  expect(await docker.version()).toMatchObject({ Os: 'linux' });
});
