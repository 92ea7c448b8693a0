import { expect, it } from 'vitest';
import type { Client } from './client.ts';
import type { Engine } from './engine.ts';
import { busyboxLayer, dockerArchive } from './image.ts';
import { waitFor } from './wait.ts';

/**
 * What a client and an engine must be able to do together, whoever made them: registered for the real docker
 * client with davitd, and for davit with a real dockerd.
 */
export function conversation(client: Client, engine: Engine): void {
  it('run: streams and exit code', async () => {
    const result = await client('run', '--rm', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    expect(result).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it('run: failures', async () => {
    expect(await client('run', '--rm', 'busybox', 'nosuchprogram')).toMatchObject({ code: 127 });
    expect(await client('run', '--rm', 'busybox', '/etc/passwd')).toMatchObject({ code: 126 });
    expect(await client('run', '--rm', '--network', 'nosuch', 'busybox')).toMatchObject({ code: 125 });
  });

  it('run -i', async () => {
    const text = 'a line\n'.repeat(50_000);
    const result = await client.with({ input: text })('run', '--rm', '-i', 'busybox', 'cat');
    expect(result).toEqual({ code: 0, stdout: text, stderr: '' });
  });

  it('run -it: a shell, its size, Ctrl-C and the detach keys', async () => {
    const shell = client.terminal('run', '-it', '--name', 'shell', 'busybox', 'sh');
    await shell.shows('# ');
    shell.type('until [ "$(stty size)" = "24 80" ]; do sleep 0.02; done; echo "fi""rst"\r');
    await shell.shows('first');
    shell.resize(30, 90);
    shell.type('until [ "$(stty size)" = "30 90" ]; do sleep 0.02; done; echo "th""en"\r');
    await shell.shows('then');
    shell.type('sh -c \'echo "run""ning"; sleep 1000\'\r');
    await shell.shows('running');
    shell.type('\x03');
    await shell.shows('# ');
    shell.type('\x10\x11');
    expect(await shell.exit).toBe(0);
    expect(await client.ok('ps', '-q', '--filter', 'name=shell')).not.toBe('');
    await client.ok('rm', '-f', 'shell');
  });

  it('run -d, ps, inspect, stop, rm', async () => {
    const id = await client.ok(
      'run',
      '-d',
      '--name',
      'web',
      '--label',
      'a=b',
      '-p',
      '127.0.0.1:8080:80',
      'busybox',
      'sleep',
      '1000',
    );
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const [header = '', line = ''] = (await client.ok('ps', '--filter', 'name=web')).split('\n');
    expect(header).toMatch(/^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/);
    expect(line).toMatch(
      /^[0-9a-f]{12} +busybox +"sleep 1000" +.+ ago +Up .+127\.0\.0\.1:8080->80\/tcp +web$/,
    );
    expect(await client.ok('ps', '-q', '--no-trunc', '--filter', 'name=web')).toBe(id);
    const [info] = JSON.parse(await client.ok('inspect', 'web')) as Record<string, unknown>[];
    expect(info).toMatchObject({
      Id: id,
      Name: '/web',
      State: { Status: 'running' },
      Config: { Labels: { a: 'b' } },
    });
    expect(await client.ok('inspect', '-f', '{{json .State.Running}}', 'web')).toBe('true');
    expect(await client.ok('stop', '-t', '1', 'web')).toBe('web');
    expect(await client.ok('ps', '-q', '--filter', 'name=web')).toBe('');
    expect(await client.ok('ps', '-a')).toMatch(/Exited \(137\) .+ ago/);
    expect(await client.ok('rm', 'web')).toBe('web');
    expect(await client.ok('ps', '-aq', '--filter', 'name=web')).toBe('');
  });

  it('logs -f', async () => {
    await client.ok(
      'run',
      '-d',
      '-i',
      '--name',
      'talker',
      'busybox',
      'sh',
      '-c',
      'echo one; read line; echo two; echo err >&2',
    );
    const follower = client.start('logs', '-f', 'talker');
    await follower.prints('one\n');
    await client.with({ input: '\n' })('attach', 'talker');
    expect(await follower.done).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: 'err\n' });
    expect(await client.ok('logs', '--tail', '2', '-t', 'talker')).toMatch(/^\d{4}-\S+Z two$/m);
    await client.ok('rm', 'talker');
  });

  it('exec, with input and with a terminal', async () => {
    await client.ok('run', '-d', '--name', 'box', 'busybox', 'sleep', '1000');
    expect(await client('exec', 'box', 'sh', '-c', 'echo out; echo err >&2; exit 3')).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await client.with({ input: 'words' }).ok('exec', '-i', 'box', 'cat')).toBe('words');
    const shell = client.terminal('exec', '-it', 'box', 'sh');
    await shell.shows('# ');
    shell.type('tty; exit 4\r');
    await shell.shows(/\/dev\/pts\/\d+/);
    expect(await shell.exit).toBe(4);
    await client.ok('rm', '-f', 'box');
  });

  it('attach, kill, wait, restart', async () => {
    const script = 'trap "echo bye; exit 6" TERM; echo up; while :; do sleep 0.05; done';
    await client.ok('run', '-d', '--name', 'daemon', 'busybox', 'sh', '-c', script);
    await waitFor(async () => (await client.ok('logs', 'daemon')) === 'up', 'the container');
    const attached = client.start('attach', '--no-stdin', '--sig-proxy=false', 'daemon');
    const waiting = client.start('wait', 'daemon');
    // Both must have been heard before the container ends: the events tell of the one.
    await waitFor(async () => {
      const until = Math.ceil(Date.now() / 1000);
      const { body } = await engine.request('GET', `/events?since=0&until=${until}`);
      return body.includes('"attach"');
    }, 'attach');
    await client.ok('kill', '-s', 'TERM', 'daemon');
    expect(await attached.done).toMatchObject({ code: 6, stdout: 'bye\n' });
    expect((await waiting.done).stdout).toBe('6\n');
    await client.ok('restart', 'daemon');
    expect(await client.ok('ps', '-q', '--filter', 'name=daemon')).not.toBe('');
    await client.ok('rm', '-f', 'daemon');
  });

  it('create and start -ai', async () => {
    await client.ok('create', '-i', '--name', 'later', 'busybox', 'sh', '-c', 'cat; exit 2');
    expect(await client.with({ input: 'food' })('start', '-ai', 'later')).toEqual({
      code: 2,
      stdout: 'food',
      stderr: '',
    });
    await client.ok('rm', 'later');
  });

  it('load, images, rmi, import', async () => {
    const image = {
      tags: ['loaded:one', 'loaded:two'],
      layers: [await busyboxLayer()],
      config: { Labels: { a: 'b' } },
    };
    const answer = await client.with({ input: await dockerArchive([image]) }).ok('load');
    expect(answer.split('\n').sort()).toEqual(['Loaded image: loaded:one', 'Loaded image: loaded:two']);
    const listed = await client.ok('images', 'loaded');
    expect(listed).toMatch(/^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n/);
    expect(listed).toMatch(/^loaded +one +[0-9a-f]{12} +\d+ years ago +\d.*MB$/m);
    expect(await client.ok('rmi', 'loaded:one')).toBe('Untagged: loaded:one');
    expect(await client.ok('rmi', 'loaded:two')).toMatch(
      /^Untagged: loaded:two\nDeleted: sha256:[0-9a-f]{64}/,
    );
    const id = await client
      .with({ input: await busyboxLayer() })
      .ok('import', '-c', 'CMD ["echo", "imported"]', '-', 'brought:in');
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await client.ok('run', '--rm', 'brought:in')).toBe('imported');
    await client.ok('rmi', 'brought:in');
  });

  it('events', async () => {
    const events = client.start('events', '--filter', 'container=subject', '--format', '{{json .}}');
    // The listener is heard when an event of another container could have been: try until one arrives.
    await waitFor(async () => {
      await client.ok('run', '--rm', '--name', 'subject', 'busybox', 'true');
      return /"create"[\s\S]*"destroy"/.test(events.stdout());
    }, 'an event');
    events.signal('SIGINT');
    await events.done.catch(() => undefined);
    const actions = events
      .stdout()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { Action: string }).Action);
    const last = actions.slice(actions.lastIndexOf('create'));
    expect(last).toEqual(expect.arrayContaining(['create', 'attach', 'start', 'die', 'destroy']));
    expect(last.indexOf('start')).toBeLessThan(last.indexOf('die'));
  });

  it('version and info', async () => {
    expect(await client.ok('version')).toMatch(/Client:[\s\S]+Server:/);
    expect(await client.ok('info')).toContain('Storage Driver: overlay');
  });
}
