import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine();

const field = (name: string, format: string) => davit.ok('inspect', '-f', format, name);
const trapping = (signal: string) => `trap "exit 42" ${signal}; echo ready; while :; do sleep 0.05; done`;

/** A container that ends with 42 at this signal, and knows it already. */
async function waitingFor(name: string, signal: string, ...flags: string[]): Promise<void> {
  await davit.ok('run', '-d', '--name', name, ...flags, 'busybox', 'sh', '-c', trapping(signal));
  await expect.poll(() => davit.ok('logs', name)).toBe('ready');
}

beforeAll(async () => {
  await davit.ok('run', '-d', '--name', 'box', '-u', 'www-data', 'busybox', 'sleep', '1000');
});

describe.concurrent('exec', () => {
  const run = (flags: string[], script: string) => davit.ok('exec', ...flags, 'box', 'sh', '-c', script);

  it('takes --user, --workdir, --env and --env-file', async ({ expect }) => {
    expect(await run(['--user', 'nobody:77', '--workdir', '/etc'], 'id -un; id -g; pwd')).toBe(
      'nobody\n77\n/etc',
    );
    const file = `${engine.directory}/variables`;
    writeFileSync(file, 'A=of the file\nB=too\n');
    expect(await run(['--env-file', file, '--env', 'B=given'], 'echo "$A $B"')).toBe('of the file given');
  });

  it('takes --interactive and --tty', async ({ expect }) => {
    const fed = davit.with({ input: 'words' });
    expect(await fed.ok('exec', '--interactive', 'box', 'cat')).toBe('words');
    expect(await fed.ok('exec', 'box', 'cat')).toBe('');
    expect((await davit('exec', '--tty', 'box', 'tty')).stdout).toMatch(/^\/dev\/pts\/\d\r\n$/);
  });

  it('takes --detach and --detach-keys', async ({ expect }) => {
    expect(await run(['--detach'], 'echo done > /tmp/detached')).toBe('');
    await expect.poll(async () => (await davit('exec', 'box', 'cat', '/tmp/detached')).stdout).toBe('done\n');
    const shell = davit.terminal(
      'exec',
      '-it',
      '--detach-keys',
      'ctrl-x,y',
      'box',
      'sh',
      '-c',
      'echo on; sleep 77',
    );
    await shell.shows('on');
    shell.type('\x18y');
    await shell.exit;
    expect(await davit.ok('top', 'box', '-eo', 'pid,args')).toContain('sleep 77');
  });

  it.skipIf(againstOriginal.engine)('takes --privileged', async ({ expect }) => {
    const [, own] = /^CapBnd:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    const show = 'grep CapEff /proc/self/status';
    expect(await run(['--privileged', '--user', '0'], show)).toBe(`CapEff:\t${own}`);
    expect(await run(['--user', '0'], show)).toBe('CapEff:\t00000000a80425fb');
  });
});

describe.concurrent('attach', () => {
  const reader = ['busybox', 'sh', '-c', 'echo on; read line; echo "got $line"'];

  it('takes --no-stdin', async ({ expect }) => {
    await davit.ok('run', '-d', '-i', '--name', 'unfed', ...reader);
    const client = davit.with({ input: 'words\n' }).start('attach', '--no-stdin', 'unfed');
    const other = davit.with({ input: 'others\n' });
    await expect.poll(() => davit.ok('logs', 'unfed')).toBe('on');
    await other('attach', 'unfed');
    expect((await client.done).stdout).toContain('got others\n');
  });

  it('takes --sig-proxy', async ({ expect }) => {
    await waitingFor('proxied', 'TERM');
    const deaf = davit.start('attach', '--sig-proxy=false', 'proxied');
    const proxy = davit.start('attach', '--sig-proxy=true', 'proxied');
    // Both are there when a word of the container has reached them.
    await expect
      .poll(async () => {
        await davit('exec', 'proxied', 'sh', '-c', 'echo word > /proc/1/fd/1');
        return deaf.stdout().includes('word') && proxy.stdout().includes('word');
      })
      .toBe(true);
    // docker's client does not end then.
    if (!againstOriginal.client) {
      deaf.signal('SIGTERM');
      expect((await deaf.done).code).not.toBe(42);
      expect(await field('proxied', '{{.State.Running}}')).toBe('true');
    }
    proxy.signal('SIGTERM');
    expect((await proxy.done).code).toBe(42);
  });

  it('takes --detach-keys', async ({ expect }) => {
    await davit.ok('run', '-dit', '--name', 'attached', 'busybox', 'sh');
    const shell = davit.terminal('attach', '--detach-keys', 'ctrl-x,y', 'attached');
    shell.type('echo o""n\r');
    await shell.shows('on');
    shell.type('\x18y');
    await shell.exit;
    expect(await field('attached', '{{.State.Running}}')).toBe('true');
  });
});

describe.concurrent('start', () => {
  it('takes --attach and --interactive', async ({ expect }) => {
    await davit.ok('create', '-i', '--name', 'eater', 'busybox', 'sh', '-c', 'cat; exit 2');
    const result = await davit.with({ input: 'food' })('start', '--attach', '--interactive', 'eater');
    expect(result).toEqual({ code: 2, stdout: 'food', stderr: '' });
    await davit.ok('create', '--name', 'speaker', 'busybox', 'sh', '-c', 'echo said; exit 3');
    expect(await davit('start', '--attach', 'speaker')).toMatchObject({ code: 3, stdout: 'said\n' });
  });

  it('passes SIGTERM on with --attach, and goes without waiting for what becomes of it', async ({
    expect,
  }) => {
    const script = 'trap "echo told; sleep 1; exit 42" TERM; echo ready; while :; do sleep 0.05; done';
    await davit.ok('create', '--name', 'told', 'busybox', 'sh', '-c', script);
    const started = davit.start('start', '--attach', 'told');
    await started.prints('ready');
    started.signal('SIGTERM');
    expect((await started.done).code).toBe(0);
    expect(await davit.ok('wait', 'told')).toBe('42');
  });

  it('takes --detach-keys', async ({ expect }) => {
    await davit.ok('create', '-it', '--name', 'shell', 'busybox', 'sh');
    const shell = davit.terminal('start', '-ai', '--detach-keys', 'ctrl-x,y', 'shell');
    await shell.shows('# ');
    shell.type('\x18y');
    await shell.exit;
    expect(await field('shell', '{{.State.Running}}')).toBe('true');
  });
});

describe.concurrent('kill', () => {
  it('takes --signal', async ({ expect }) => {
    await waitingFor('killed', 'USR2');
    await davit.ok('kill', '--signal', 'USR2', 'killed');
    expect(await davit.ok('wait', 'killed')).toBe('42');
  });
});

describe.concurrent('stop', () => {
  // A dockerd before 23 knows no signal here.
  it.skipIf(againstOriginal.engine)('takes --signal and --timeout', async ({ expect }) => {
    await waitingFor('stopped', 'USR1');
    await davit.ok('stop', '--signal', 'USR1', 'stopped');
    expect(await field('stopped', '{{.State.ExitCode}}')).toBe('42');
    await waitingFor('stubborn', 'USR1', '--stop-signal', 'WINCH');
    await davit.ok('stop', '--timeout', '0', 'stubborn');
    expect(await field('stubborn', '{{.State.ExitCode}}')).toBe('137');
  });
});

describe.concurrent('restart', () => {
  // A dockerd before 23 knows no signal here.
  it.skipIf(againstOriginal.engine)('takes --signal and --timeout', async ({ expect }) => {
    const script = 'trap "echo heard >> /log; exit" USR1; echo up >> /log; while :; do sleep 0.05; done';
    await davit.ok('run', '-d', '--name', 'restarted', 'busybox', 'sh', '-c', script);
    const log = () => davit('exec', 'restarted', 'cat', '/log').then(({ stdout }) => stdout);
    await expect.poll(log).toBe('up\n');
    await davit.ok('restart', '--signal', 'USR1', 'restarted');
    await expect.poll(log).toBe('up\nheard\nup\n');
    await davit.ok('restart', '--signal', 'WINCH', '--timeout', '0', 'restarted');
    await expect.poll(log).toBe('up\nheard\nup\nup\n');
  });
});

describe.concurrent('rm', () => {
  it('takes --force and --volumes', async ({ expect }) => {
    await davit.ok('run', '-d', '--name', 'doomed', '-v', '/data', 'busybox', 'sleep', '1000');
    const pid = await field('doomed', '{{.State.Pid}}');
    const source = await field('doomed', '{{(index .Mounts 0).Source}}');
    expect((await davit('rm', 'doomed')).code).toBe(1);
    expect(existsSync(source)).toBe(true);
    await davit.ok('rm', '--force', '--volumes', 'doomed');
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(existsSync(source)).toBe(false);
  });
});

describe.concurrent('commit', () => {
  it('takes --author, --message, --change and --pause', async ({ expect }) => {
    await davit.ok('run', '-d', '--name', 'source', 'busybox', 'sh', '-c', 'echo kept > /kept; sleep 1000');
    const told = ['--author', 'A. Davit', '--message', 'as it was', '--change', 'CMD ["cat", "/kept"]'];
    await davit.ok('commit', ...told, '--pause=true', 'source', 'committed');
    const fields = '{{.Author}}|{{.Comment}}|{{json .Config.Cmd}}';
    expect(await davit.ok('image', 'inspect', '-f', fields, 'committed')).toBe(
      'A. Davit|as it was|["cat","/kept"]',
    );
    expect(await davit.ok('run', '--rm', 'committed')).toBe('kept');
    const pauses = async () => {
      const { body } = await engine.request('GET', `/events?since=0&until=${Math.ceil(Date.now() / 1000)}`);
      const id = await field('source', '{{.Id}}');
      const events = body.split('\n').filter((line) => line.includes('"pause"') && line.includes(id));
      return events.length;
    };
    const paused = await pauses();
    await davit.ok('commit', '--pause=false', 'source', 'committed');
    expect(await pauses()).toBe(paused);
  });
});

describe.concurrent('cp', () => {
  it('takes --archive, --follow-link and --quiet', async ({ expect }) => {
    const script = 'echo content > /tmp/file; ln -s file /tmp/link; echo ready; sleep 1000';
    await davit.ok('run', '-d', '--name', 'copied', '-u', '33', 'busybox', 'sh', '-c', script);
    await expect.poll(() => davit.ok('logs', 'copied')).toBe('ready');
    const target = `${engine.directory}/followed`;
    await davit.ok('cp', '--follow-link', 'copied:/tmp/link', target);
    expect(readFileSync(target, 'utf8')).toBe('content\n');
    const { stdout, stderr } = await davit('cp', '--quiet', target, 'copied:/tmp/back');
    expect(stdout + stderr).toBe('');
    await davit.ok('cp', '--archive', target, 'copied:/tmp/archived');
    const owners = await davit.ok('exec', 'copied', 'stat', '-c', '%u', '/tmp/back', '/tmp/archived');
    expect(owners).toBe('0\n33');
  });
});

describe.concurrent('export', () => {
  it('takes --output', async ({ expect }) => {
    const file = `${engine.directory}/export.tar`;
    await davit.ok('export', '--output', file, 'box');
    expect(readFileSync(file).includes('etc/passwd')).toBe(true);
  });
});

describe.concurrent('inspect', () => {
  it('takes --format and --size', async ({ expect }) => {
    await davit.ok('run', '--name', 'sized', 'busybox', 'sh', '-c', 'head -c 5000 /dev/zero > /file');
    expect(await davit.ok('container', 'inspect', '--format', '{{.Name}}', 'sized')).toBe('/sized');
    expect(await davit.ok('container', 'inspect', '--size', '--format', '{{.SizeRw}}', 'sized')).toBe('5000');
    expect(await davit.ok('container', 'inspect', 'sized')).not.toContain('SizeRw');
  });
});

describe('ps', () => {
  it('takes --all, --filter, --format, --last, --latest, --no-trunc, --quiet and --size', async () => {
    const first = await davit.ok('create', '--name', 'first', '--label', 'of=ps', 'busybox');
    const second = await davit.ok('create', '--name', 'second', '--label', 'of=ps', 'busybox');
    const ours = ['--filter', 'label=of=ps', '--no-trunc', '--quiet'];
    expect(await davit.ok('ps', ...ours)).toBe('');
    expect((await davit.ok('ps', '--all', ...ours)).split('\n').sort()).toEqual([first, second].sort());
    expect(await davit.ok('ps', '--latest', '--no-trunc', '-q')).toBe(second);
    expect(await davit.ok('ps', '--last', '2', '--format', '{{.Names}}')).toBe('second\nfirst');
    expect(await davit.ok('ps', '--latest', '--size', '--format', '{{.Size}}')).toMatch(/^0B \(virtual /);
  });
});

describe.concurrent('stats', () => {
  it('takes --all, --format, --no-stream and --no-trunc', async ({ expect }) => {
    const still = await davit.ok('create', '--name', 'still', 'busybox');
    const show = ['--no-stream', '--no-trunc', '--format', '{{.ID}}'];
    expect(await davit.ok('stats', '--all', ...show)).toContain(still);
    expect(await davit.ok('stats', ...show)).not.toContain(still);
    expect(await davit.ok('stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}', 'box')).toMatch(
      /^box [1-9]/,
    );
  });
});

describe('prune', () => {
  it('takes --filter and --force', async () => {
    for (const name of ['lost', 'spared'])
      await davit.ok('create', '--name', name, '--label', name, 'busybox');
    const refused = await davit.with({ input: 'n\n' })('container', 'prune', '--filter', 'label=lost');
    expect(refused.stdout).toContain('Are you sure you want to continue? [y/N]');
    expect(await field('lost', '{{.State.Status}}')).toBe('created');
    await davit.ok('container', 'prune', '--force', '--filter', 'label=lost');
    expect((await davit('inspect', 'lost')).code).toBe(1);
    expect(await field('spared', '{{.State.Status}}')).toBe('created');
  });
});

describe.concurrent('update', () => {
  it('takes what flags-limits.test.ts and update.test.ts observe, and --restart', async ({ expect }) => {
    await davit.ok(
      'run',
      '-d',
      '--name',
      'updated',
      'busybox',
      'sh',
      '-c',
      'sleep 1000 & echo $! > /pid; wait',
    );
    await davit.ok('update', '--restart', 'always', 'updated');
    await davit('exec', 'updated', 'sh', '-c', 'kill -9 $(cat /pid)');
    await expect.poll(() => field('updated', '{{.RestartCount}}'), { timeout: 15_000 }).toMatch(/^[1-9]/);
  });
});
