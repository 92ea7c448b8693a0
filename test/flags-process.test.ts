import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from './support/registry.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';
import { isGone, waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

const file = (name: string, content: string) => {
  writeFileSync(`${engine.directory}/${name}`, content);
  return `${engine.directory}/${name}`;
};
/** Runs a script in a container with these flags; what it prints, without the last newline. */
async function run(flags: string[], script: string): Promise<string> {
  const { stdout } = await davit('run', '--rm', ...flags, 'busybox', 'sh', '-c', script);
  return stdout.trimEnd();
}
const field = (name: string, format: string) => davit.ok('inspect', '-f', format, name);
const isUp = (name: string) => field(name, '{{.State.Running}}');
const trapping = (signal: string) => `trap "exit 42" ${signal}; echo ready; while :; do sleep 0.05; done`;

describe.concurrent('what runs in a container', () => {
  it('is named with --entrypoint, and put in its place with --workdir and --user', async ({ expect }) => {
    expect(await davit.ok('run', '--rm', '--entrypoint', 'echo', 'busybox', 'one', 'two')).toBe('one two');
    expect(await run(['--workdir', '/new/place'], 'pwd')).toBe('/new/place');
    expect(await run(['--user', 'www-data:nobody'], 'id -u; id -g; echo $HOME')).toBe('33\n65534\n/var');
    expect(await run(['-w', '/etc', '-u', '12:34'], 'pwd; id -u; id -g')).toBe('/etc\n12\n34');
  });

  it('has the environment of --env and --env-file', async ({ expect }) => {
    const variables = file('variables', '# none of these\nA=of the file\nB=of the file\nOUTSIDE\n');
    const flags = ['--env-file', variables, '--env', 'B=given', '-e', 'ALSO', '-e', 'NOWHERE'];
    const script = 'echo "$A|$B|$OUTSIDE|$ALSO|$NOWHERE"; env | grep -c NOWHERE';
    const client = davit.with({ env: { OUTSIDE: 'outside', ALSO: 'too' } });
    const { stdout } = await client('run', '--rm', ...flags, 'busybox', 'sh', '-c', script);
    expect(stdout).toBe('of the file|given|outside|too|\n0\n');
  });

  it('is the child of an init with --init', async ({ expect }) => {
    expect(
      await run(['--init'], 'readlink /proc/1/exe | grep -cE "init|tini"; [ $$ != 1 ] && echo below'),
    ).toBe('1\nbelow');
    expect(await run(['--init=false'], 'echo $$')).toBe('1');
  });

  it('has an input with --interactive and a terminal with --tty', async ({ expect }) => {
    const fed = davit.with({ input: 'words' });
    expect(await fed.ok('run', '--rm', '--interactive', 'busybox', 'cat')).toBe('words');
    expect(await fed.ok('run', '--rm', 'busybox', 'cat')).toBe('');
    const { stdout } = await davit('run', '--rm', '--tty', 'busybox', 'tty');
    expect(stdout).toMatch(/^\/dev\/pts\/0\r\n$/);
  });

  it('is heard as far as --attach says', async ({ expect }) => {
    const script = ['busybox', 'sh', '-c', 'echo out; echo err >&2'];
    expect(await davit('run', '--rm', '--attach', 'stdout', ...script)).toMatchObject({
      ...{ stdout: 'out\n', stderr: '' },
    });
    expect(await davit('run', '--rm', '-a', 'stderr', ...script)).toMatchObject({
      stdout: '',
      stderr: 'err\n',
    });
    const input = davit.with({ input: 'in' });
    expect(await input.ok('run', '--rm', '-i', '-a', 'stdin', '-a', 'stdout', 'busybox', 'cat')).toBe('in');
  });

  it('goes on by itself with --detach, and after --detach-keys', async ({ expect }) => {
    const id = await davit.ok('run', '--detach', '--name', 'behind', 'busybox', 'sleep', '1000');
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await isUp('behind')).toBe('true');
    const shell = davit.terminal(
      'run',
      '-it',
      '--name',
      'left',
      '--detach-keys',
      'ctrl-x,y',
      'busybox',
      'sh',
    );
    await shell.shows('# ');
    shell.type('\x18y');
    expect(await shell.exit).toBe(0);
    expect(await isUp('left')).toBe('true');
  });

  it('gets no signal of the client with --sig-proxy=false', async ({ expect }) => {
    const script = ['busybox', 'sh', '-c', trapping('TERM')];
    const proxied = davit.start('run', '--rm', '--sig-proxy=true', ...script);
    await proxied.prints('ready');
    proxied.signal('SIGTERM');
    expect((await proxied.done).code).toBe(42);
    // docker's client does not end then.
    if (againstOriginal.client) return;
    const deaf = davit.start('run', '--name', 'unbothered', '--sig-proxy=false', ...script);
    await deaf.prints('ready');
    deaf.signal('SIGTERM');
    expect((await deaf.done).code).not.toBe(42);
    expect(await isUp('unbothered')).toBe('true');
  });

  it('is stopped with --stop-signal and killed after --stop-timeout', async ({ expect }) => {
    const sleeper = ['--name', 'polite', '--stop-signal', 'USR1', 'busybox', 'sh', '-c', trapping('USR1')];
    await davit.ok('run', '-d', ...sleeper);
    await expect.poll(() => davit.ok('logs', 'polite')).toBe('ready');
    await davit.ok('stop', 'polite');
    expect(await field('polite', '{{.State.ExitCode}}')).toBe('42');
    const deaf = ['--name', 'deaf', '--stop-timeout', '0', 'busybox', 'sh', '-c', 'trap "" TERM; sleep 1000'];
    await davit.ok('run', '-d', ...deaf);
    await davit.ok('stop', 'deaf');
    expect(await field('deaf', '{{.State.ExitCode}}')).toBe('137');
  });

  it('takes all that is its own away with --rm', async ({ expect }) => {
    await davit.ok('run', '--rm', '--name', 'passing', '-v', '/anonymous', 'busybox', 'true');
    expect((await davit('inspect', 'passing')).code).toBe(1);
    const { code, stderr } = await davit('run', '--rm', '--restart', 'always', 'busybox', 'true');
    expect(stderr).toMatch(/conflicting options: cannot specify both --restart and --rm/);
    expect(code).toBe(125);
  });

  it('comes back with --restart', async ({ expect }) => {
    await davit.ok(
      'run',
      '-d',
      '--name',
      'again',
      '--restart',
      'on-failure:2',
      'busybox',
      'sh',
      '-c',
      'exit 3',
    );
    const state = '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}';
    await expect.poll(() => field('again', state), { timeout: 15_000 }).toBe('2 exited 3');
  });
});

// Health checks and restarts wait for their intervals, however busy the machine is.
describe.concurrent('what is told of a container', { timeout: 120_000 }, () => {
  it('is its --name, its --label, those of --label-file, and its ID in --cidfile', async ({ expect }) => {
    const labels = file('labels', '# none\ncolor=blue\n');
    const ids = `${engine.directory}/cid`;
    const flags = ['--name', 'told', '--label', 'size=large', '--label-file', labels, '--cidfile', ids];
    await davit.ok('create', ...flags, 'busybox');
    const found = (filter: string) => davit.ok('ps', '-a', '--no-trunc', '-q', '--filter', filter);
    const id = readFileSync(ids, 'utf8');
    for (const filter of ['name=told', 'label=size=large', 'label=color=blue'])
      expect(await found(filter)).toBe(id);
    const again = await davit('create', '--cidfile', ids, 'busybox');
    expect(again.stderr).toContain('container ID file found');
  });

  it.skipIf(againstOriginal.engine)('reaches the OCI runtime with --annotation', async ({ expect }) => {
    const id = await davit.ok(
      'run',
      '-d',
      '--annotation',
      'org.example.who=davit',
      'busybox',
      'sleep',
      '1000',
    );
    const pid = await field(id, '{{.State.Pid}}');
    const [, monitor = ''] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    const command = readFileSync(`/proc/${monitor}/cmdline`, 'utf8').split('\0');
    const bundle = command[command.indexOf('-b') + 1];
    const { annotations } = JSON.parse(readFileSync(`${bundle}/config.json`, 'utf8'));
    expect(annotations).toMatchObject({ 'org.example.who': 'davit' });
  });

  it('is its health with --health-cmd and its rules, and none with --no-healthcheck', async ({ expect }) => {
    const health = (name: string, format: string) =>
      field(name, `{{with .State.Health}}${format}{{else}}none{{end}}`);
    const becomes = (name: string, format: string, expected: RegExp) =>
      expect.poll(() => health(name, format), { timeout: 20_000, interval: 200 }).toMatch(expected);
    const start = (...flags: string[]) => davit.ok('run', '-d', ...flags, 'busybox', 'sleep', '1000');
    const ill = ['--health-cmd', 'exit 1', '--health-interval', '200ms', '--health-retries', '2'];
    await start('--name', 'ill', ...ill);
    await start('--name', 'unasked', '--no-healthcheck');
    await becomes('ill', '{{.Status}} {{ge .FailingStreak 2}}', /^unhealthy true$/);
    expect(await health('unasked', 'some')).toBe('none');
    await davit.ok('rm', '-f', 'ill', 'unasked');
    await start('--name', 'slow', ...ill.slice(2), '--health-cmd', 'sleep 99', '--health-timeout', '150ms');
    await becomes('slow', '{{range .Log}}{{.Output}};{{end}}', /exceeded timeout \(150ms\)/);
    await davit.ok('rm', '-f', 'slow');
    // Failures of a container that is still coming up do not count.
    const eager = againstOriginal.engine ? [] : ['--health-start-interval', '150ms'];
    const patient = againstOriginal.engine ? ill : ['--health-cmd', 'exit 1', '--health-interval', '1h'];
    await start('--name', 'young', ...patient, '--health-start-period', '1h', ...eager);
    await becomes('young', '{{len .Log}} {{.Status}}', /^[3-5] starting$/);
    await davit.ok('rm', '-f', 'young');
    const both = await davit('run', '-d', ...ill, '--no-healthcheck', 'busybox', 'true');
    expect(both.stderr).toContain('--no-healthcheck conflicts with --health-* options');
  });

  it('is kept by the driver of --log-driver, with the options of --log-opt that it knows', async ({
    expect,
  }) => {
    await davit.ok('run', '--name', 'silent', '--log-driver', 'none', 'busybox', 'echo', 'unheard');
    const { code, stderr } = await davit('logs', 'silent');
    expect(stderr).toContain('configured logging driver does not support reading');
    expect(code).toBe(1);
    for (const driver of ['json-file', 'local']) {
      const flags = ['--log-driver', driver, '--log-opt', 'mode=blocking'];
      await davit.ok('run', '--name', driver, ...flags, 'busybox', 'echo', 'heard');
      expect(await davit.ok('logs', driver)).toBe('heard');
      const unknown = await davit('run', '--log-driver', driver, '--log-opt', 'nosuch=1', 'busybox', 'true');
      expect(unknown.stderr).toMatch(/unknown log opt 'nosuch' for (json-file log driver|log driver local)/);
      expect(unknown.code).toBe(125);
    }
  });

  it('has the engine and the logins of its user: --use-api-socket', async ({ expect }) => {
    const home = `${engine.directory}/logins`;
    const auth = Buffer.from('user:secret').toString('base64');
    mkdirSync(home, { recursive: true });
    writeFileSync(
      `${home}/config.json`,
      JSON.stringify({ auths: { 'x.example': { auth } }, psFormat: '{{.ID}}' }),
    );
    const client = davit.with({ env: { DOCKER_CONFIG: home } });
    const look =
      'stat -c %F /var/run/docker.sock; stat -c "%a %u" $DOCKER_CONFIG/config.json; cat $DOCKER_CONFIG/config.json';
    const [kind, mode, ...lines] = (
      await client.ok('run', '--rm', '--use-api-socket', 'busybox', 'sh', '-c', look)
    ).split('\n');
    expect([kind, mode]).toEqual(['socket', '600 0']);
    expect(JSON.parse(lines.join('\n'))).toEqual({ auths: { 'x.example': { auth } } });
    // One that has a configuration of its own keeps it.
    const own = ['--use-api-socket', '-e', 'DOCKER_CONFIG=/own', 'busybox'];
    const shown = await client.ok(
      'run',
      '--rm',
      ...own,
      'sh',
      '-c',
      'echo $DOCKER_CONFIG; ls /run/secrets 2>&1; true',
    );
    expect(shown).toMatch(/^\/own\nls: .*No such file or directory$/);
    const remote = await client('-H', 'tcp://127.0.0.1:1', 'create', '--use-api-socket', 'busybox');
    expect(remote.stderr).toContain('flag --use-api-socket can only be used with unix sockets');
  });

  it('is refused where it cannot be: --disable-content-trust=false, --kernel-memory', async ({ expect }) => {
    const trusting = await davit('run', '--rm', '--disable-content-trust=true', 'busybox', 'echo', 'runs');
    expect(trusting.stdout).toBe('runs\n');
    if (againstOriginal.client) return;
    const refused: Record<string, string> = {
      '--disable-content-trust=false': 'signatures of images cannot be verified here',
      '--kernel-memory=64m': 'kernels have no such limit any more',
    };
    for (const [flag, words] of Object.entries(refused)) {
      const { code, stderr } = await davit('run', flag, 'busybox', 'true');
      expect(stderr).toContain(words);
      expect(code).toBe(125);
    }
  });
});

describe('the image of a container', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    const directory = `${engine.directory}/registry`;
    registry = await startRegistry({ network: engine.network, directory, port: 5087 });
  });
  afterAll(() => registry.stop());

  it('is pulled as --pull says, and silently with --quiet', async () => {
    const image = `${registry.address}/box`;
    await davit.ok('tag', 'busybox', image);
    await davit.ok('push', image);
    await davit.ok('rmi', image);
    const never = await davit('run', '--rm', '--pull', 'never', image, 'true');
    expect(never.stderr).toMatch(/No such image/);
    expect(never.code).toBe(125);
    const missing = await davit('run', '--rm', '--pull', 'missing', image, 'echo', 'runs');
    expect(missing).toMatchObject({ code: 0, stdout: 'runs\n' });
    expect(missing.stderr).toContain(`Unable to find image '${image}:latest' locally`);
    expect(missing.stderr).toContain('Status: Downloaded newer image');
    expect((await davit('run', '--rm', image, 'true')).stderr).toBe('');
    expect((await davit('run', '--rm', '--pull', 'always', image, 'true')).stderr).toContain(
      'Status: Image is up to date',
    );
    const quiet = await davit('run', '--rm', '--pull', 'always', '--quiet', image, 'true');
    expect(quiet.stderr).toBe('');
  });

  it('is that of --platform, or refused', async () => {
    const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as 'x64' | 'arm64'];
    const right = await davit('run', '--rm', '--platform', `linux/${architecture}`, 'busybox', 'uname');
    expect(right.stdout).toBe('Linux\n');
    const wrong = await davit('create', '--pull', 'never', '--platform', 'linux/s390x', 'busybox');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(
      /does not provide the specified platform|does not match the specified platform/,
    );
  });
});

it('a program that a container leaves behind ends with it', async () => {
  const id = await davit.ok('run', '-d', 'busybox', 'sh', '-c', 'sleep 1000 & sleep 1000');
  const processes = (await davit.ok('top', id, '-o', 'pid')).split('\n').slice(1).map(Number);
  expect(processes).toHaveLength(2);
  await davit.ok('kill', id);
  await waitFor(() => processes.every(isGone), 'the end of all its processes');
});
