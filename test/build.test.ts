import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { buildOn } from './support/builder.ts';
import { clientFor } from './support/client.ts';
import { openTerminal } from './support/terminal.ts';
import { useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine({ client: 'davit' });
const docker = clientFor('docker', engine);

function contextOf(name: string, files: Record<string, string>): string {
  const folder = `${engine.directory}/${name}`;
  mkdirSync(`${folder}/inner`, { recursive: true });
  for (const [path, content] of Object.entries(files)) writeFileSync(`${folder}/${path}`, content);
  return folder;
}

describe('build', () => {
  it('packs a folder without what is ignored, and gives the image its names', async () => {
    const folder = contextOf('folder', {
      Dockerfile: 'FROM busybox\nARG V\nLABEL v=$V\nCOPY . /all/\nCMD ["ls", "-A", "/all", "/all/inner"]\n',
      '.dockerignore': '*\n!inner/kept\n!a\n',
      a: '1',
      b: '2',
      'inner/kept': '3',
      'inner/left': '4',
    });
    const iidfile = `${engine.directory}/iid`;
    const text = await davit.ok(
      'build',
      '-t',
      'mine',
      '-t',
      'mine:2',
      '--build-arg',
      'V=7',
      '--network',
      'none',
      '--iidfile',
      iidfile,
      folder,
    );
    expect(text).toMatch(
      /^Sending build context to Docker daemon {2}5\.632kB\r\r\nStep 1\/5 : FROM busybox\n[\s\S]*Successfully tagged mine:latest\nSuccessfully tagged mine:2$/,
    );
    expect(await davit.ok('run', '--rm', '--network', 'none', 'mine:2')).toBe(
      '/all:\na\ninner\n\n/all/inner:\nkept',
    );
    expect(await davit.ok('inspect', '-f', '{{.Id}} {{.Config.Labels.v}}', 'mine')).toBe(
      `${readFileSync(iidfile, 'utf8')} 7`,
    );
    const again = await davit.ok('build', '-q', '--build-arg', 'V=7', '--network', 'none', folder);
    expect(again).toBe(readFileSync(iidfile, 'utf8'));
  });

  it('takes a Dockerfile from standard input, alone or beside a folder', async () => {
    const input = 'FROM busybox\nRUN echo from-input\n';
    const alone = await davit.with({ input }).ok('build', '--network', 'none', '-');
    expect(alone).toContain('\nfrom-input\n');
    const folder = contextOf('beside', { a: '1' });
    const beside = davit.with({ input: 'FROM busybox\nCOPY a /\nRUN cat /a; ls /\n' });
    expect(await beside.ok('build', '--network', 'none', '-f', '-', folder)).toContain('Successfully built');
  });

  it('tells of itself in the way that is asked for', async () => {
    const build = davit.with({ input: 'FROM busybox\nRUN echo told\n' });
    const flags = ['build', '--network', 'none'];
    const raw = (await build.ok(...flags, '--progress', 'rawjson', '-')).split('\n');
    const messages = raw.map((line) => JSON.parse(line) as { stream?: string; aux?: { ID: string } });
    expect(messages.map(({ stream }) => stream ?? '').join('')).toMatch(/^Step 1\/2 : FROM busybox\n/);
    const id = messages.findLast(({ aux }) => aux)?.aux?.ID;
    expect(await build.ok(...flags, '--progress', 'quiet', '-')).toBe(id);
    expect(await build.ok(...flags, '--progress', 'plain', '-')).toContain('\nStep 2/2 : RUN echo told\n');
    expect((await build(...flags, '--progress', 'tty', '-')).stderr).toContain(
      '--progress tty needs a terminal',
    );
    expect((await build(...flags, '--progress', 'x', '-')).stderr).toContain('invalid progress "x"');
  });

  it('says which line failed, and exits with 1', async () => {
    const result = await davit.with({ input: 'FROM busybox\nCOPY nosuch /\n' })('build', '-');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('COPY failed: file not found in build context');
    expect(result.stderr).toContain('2 | >>> COPY nosuch /');
  });

  it('shows the command that failed, its lines and the end of its output, and exits as docker does', async () => {
    const input = 'FROM busybox AS base\nRUN seq 100 && \\\n  echo wrong >&2; \\\n  exit 3\nLABEL a=b\n';
    const flags = ['build', '--network', 'none', '--force-rm', '-'];
    const { code, stdout, stderr } = await davit.with({ input })(...flags);
    expect(stdout).toContain('\n100\n');
    const told =
      /^Step 2 of stage base failed: RUN seq 100 && .*\n\nDockerfile:2:1\n1 | {5}FROM busybox AS base\n2 | >>> RUN seq .*\n3 | >>> .*\n4 | >>> {3}exit 3\n5 | {5}LABEL a=b\n\nThe end of its output:\n {4}82\n[\s\S]*\n {4}100\n {4}wrong\n\nThe command '.*' returned a non-zero code: 3\n$/;
    expect(stderr).toMatch(new RegExp(told.source.replaceAll(' | ', ' \\| ')));
    const quiet = await davit.with({ input })(...flags, '-q');
    expect(quiet).toMatchObject({ code: 3, stderr: expect.stringContaining('4 | >>>   exit 3') });
    const original = await docker.with({ input, env: { DOCKER_BUILDKIT: '0' } })(...flags);
    expect(original.code).toBe(code);
    expect(original.stderr).toMatch(/\nThe command '.*' returned a non-zero code: 3\n$/);
  });

  it('ends all stages when one fails', async () => {
    const input =
      'FROM busybox AS endless\nRUN sleep 3600\nFROM busybox AS wrong\nRUN exit 5\n' +
      'FROM scratch\nCOPY --from=endless /bin /a\nCOPY --from=wrong /bin /b\n';
    const { code, stderr } = await davit.with({ input })('build', '--network', 'none', '--force-rm', '-');
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringMatching(/^Step 4 of stage wrong failed/),
    });
    expect(readdirSync(`${engine.dataRoot}/overlay/containers`)).toEqual([]);
  });

  it('packs the context, and limits RUN', async () => {
    const folder = contextOf('limited', {
      Dockerfile:
        'FROM busybox\nCOPY a /\nRUN cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true\n',
      a: '1',
    });
    const flags = ['--network', 'none', '--compress', '-m', '64m', '--memory-swap', '128m'];
    const text = await davit.ok('build', ...flags, folder);
    expect(text).toMatch(/^Sending build context .*\r\r\nStep 1\/3 /);
    expect(text).toContain(`\n${64 << 20}\n`);
    const squashed = await davit('build', '--squash', folder);
    expect(squashed).toMatchObject({ code: 1 });
    expect(squashed.stderr).toContain('squash is not supported');
    expect((await davit('build', '--isolation', 'hyperv', folder)).stderr).toContain(
      'invalid isolation: hyperv',
    );
  });

  it('keeps modes, whatever the umask is, and writes IDs where it is told to', async () => {
    const folder = contextOf('modes', { Dockerfile: 'FROM busybox\nCOPY a /\n', a: '1' });
    chmodSync(`${folder}/a`, 0o666);
    const quiet = await davit.ok('builder', 'build', '-q', '--iidfile', `${folder}/id`, folder);
    expect(readFileSync(`${folder}/id`, 'utf8')).toBe(`${quiet}\n`);
    expect(await davit.ok('run', '--rm', '--network', 'none', quiet, 'stat', '-c', '%a', '/a')).toBe('666');
  });

  it('tells of folders and Dockerfiles that are not there as docker does', async () => {
    const folder = contextOf('empty', {});
    const of = async (...args: string[]) => (await davit('build', ...args)).stderr;
    expect(await of('')).toBe('unable to prepare context: path "" not found\n');
    expect(await of(`${folder}/nosuch`)).toBe(
      `unable to prepare context: path "${folder}/nosuch" not found\n`,
    );
    expect(await of('/etc/passwd')).toBe(
      'unable to prepare context: context must be a directory: /etc/passwd\n',
    );
    const missing = 'unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat';
    expect(await of(folder)).toBe(`${missing} ${folder}/Dockerfile: no such file or directory\n`);
    expect(await of('-f', `${folder}/other`, folder)).toBe(
      `${missing} ${folder}/other: no such file or directory\n`,
    );
  });

  it('works for the docker client', async () => {
    const folder = contextOf('docker', { Dockerfile: 'FROM busybox\nRUN echo hello\n' });
    const classic = docker.with({ env: { DOCKER_BUILDKIT: '0' } });
    expect(await classic.ok('build', '--network', 'none', '-t', 'theirs', folder)).toContain(
      'Successfully tagged theirs:latest',
    );
  });

  it('keeps what it did: times do not count, contents do', async () => {
    const dockerfile = 'FROM busybox\nCOPY f /f\nRUN echo once\n';
    const build = (content: string, mtime: number) =>
      buildOn(engine, { dockerfile, files: [{ name: 'f', content, mtime: new Date(mtime) }] });
    expect((await build('one', 1e12)).text).not.toContain('Using cache');
    expect((await build('one', 1.1e12)).text.match(/Using cache/g)).toHaveLength(2);
    expect((await build('two', 1e12)).text).not.toContain('Using cache');
  });

  it('makes the same image again when nothing in it is to be younger than a moment', async () => {
    const lines = [
      'FROM busybox',
      'COPY . /src/',
      'RUN mkdir /new; date > /dev/null; echo x > /new/f',
      'WORKDIR /made',
    ];
    const build = async (mtime: number) => {
      const files = [
        { name: 'young', content: '1', mtime: new Date(mtime) },
        { name: 'old', content: '2', mtime: new Date(1e12) },
      ];
      const buildargs = JSON.stringify({ SOURCE_DATE_EPOCH: '1500000000' });
      const dockerfile = `${lines.join('\n')}\n`;
      return buildOn(engine, { dockerfile, files, query: { buildargs, nocache: '1', t: 'same' } });
    };
    const first = await build(1.6e12);
    expect(first.error).toBe('');
    expect(first.text).not.toContain('not consumed');
    expect((await build(1.7e12)).id).toBe(first.id);
    expect(await davit.ok('inspect', '-f', '{{.Created}}', 'same')).toBe('2017-07-14T02:40:00Z');
    const times = await davit.ok(
      'run',
      '--rm',
      'same',
      'stat',
      '-c',
      '%Y',
      '/src/young',
      '/src/old',
      '/new/f',
      '/made',
    );
    expect(times).toBe('1500000000\n1000000000\n1500000000\n1500000000');
  });

  it('stops the step of a client that goes away', async () => {
    const building = davit
      .with({ input: 'FROM busybox\nRUN echo begun; sleep 1000\n' })
      .start('build', '--network', 'none', '-');
    await building.prints('begun');
    building.signal('SIGINT');
    await building.done;
    await expect.poll(() => davit.ok('ps', '-aq'), { timeout: 10_000 }).toBe('');
  });

  it('refuses devices in a context', async () => {
    const answer = await buildOn(engine, {
      dockerfile: 'FROM busybox',
      files: [{ name: 'dev', type: 'block-device', devmajor: 8, devminor: 0 }],
    });
    expect(answer).toMatchObject({ status: 400, error: expect.stringContaining('holds a device, "dev"') });
  });
});

describe('build on a terminal', () => {
  const folder = () =>
    contextOf('shown', {
      Dockerfile:
        'FROM busybox AS one\nRUN echo printed-by-it; head -c 5000000 /dev/zero > /f\nFROM busybox\nCOPY --from=one /f /\n',
    });

  it('shows the steps, and folds their output away', async () => {
    const terminal = davit.terminal('build', '--network', 'none', '--no-cache', '-t', 'shown', folder());
    expect(await terminal.exit).toBe(0);
    const screen = terminal.screen();
    const last = stripVTControlCharacters(screen.slice(screen.lastIndexOf('Built shown')));
    expect(last).toMatch(
      / · 4 steps +[\d.]+s\r\n ✓ send the build context +2\.\d+kB {2}[\d.]+s\r\n one\r\n ✓ {2}1 FROM busybox AS one/,
    );
    expect(last).toMatch(
      /✓ {2}2 RUN echo .* +5MB {2}[\d.]+s\r\n[\s\S]*\r\nImage sha256:\w{64}\r\nNamed shown:latest/,
    );
    expect(last).not.toContain('│');
    expect(screen).toContain('\x1b[32m');
  });

  it('tells of a failure below the picture', async () => {
    const terminal = davit.terminal(
      'build',
      '--network',
      'none',
      '--force-rm',
      contextOf('failing', {
        Dockerfile: 'FROM busybox\nRUN echo wrong; exit 3\n',
      }),
    );
    expect(await terminal.exit).toBe(3);
    expect(stripVTControlCharacters(terminal.screen())).toMatch(
      /Failed to build .*\r\n.*\r\n.*\r\n ✗ {2}2 RUN echo wrong; exit 3 +[\d.]+s\r\nStep 2 of stage 0 failed: [\s\S]*>>> RUN echo wrong/,
    );
  });

  it('has no colours where they are not wanted, and no picture where the cursor cannot be moved', async () => {
    const plain = davit.with({ env: { NO_COLOR: '1' } }).terminal('build', '--network', 'none', folder());
    expect(await plain.exit).toBe(0);
    expect(plain.screen()).toContain('Built ');
    expect(plain.screen()).not.toMatch(/\x1b\[[\d;]*m/);
    const dumb = openTerminal(
      'env',
      ['TERM=dumb', ...davit.argv, 'build', '--network', 'none', '--progress', 'tty', folder()],
      { env: davit.env },
    );
    expect(await dumb.exit).toBe(0);
    expect(dumb.screen()).toMatch(/^Sending build context .*\r\nStep 1\/4 : FROM busybox AS one\r\n/);
    expect(dumb.screen()).not.toContain('\x1b');
  });

  it('follows the size of the terminal, and ends the build with Ctrl-C', async () => {
    const endless = contextOf('endless', { Dockerfile: 'FROM busybox\nRUN echo begun; sleep 3600\n' });
    const terminal = davit.terminal('build', '--network', 'none', endless);
    await terminal.shows(/│ .{0,9}begun/);
    terminal.resize(5, 20);
    await terminal.shows(/RUN echo b\S*…/);
    terminal.type('\x03');
    expect(await terminal.exit).toBe(130);
    expect(stripVTControlCharacters(terminal.screen())).toMatch(/Broken off: [\s\S]* – {2}2 RUN e.*\s*$/);
    await expect.poll(() => davit.ok('ps', '-aq'), { timeout: 10_000 }).toBe('');
  });
});

describe('the checks of a build', () => {
  it('show what is doubtful, and exit with 1 for anything', async () => {
    const folder = contextOf('doubtful', {
      Dockerfile: '# check=experimental=all\nFROM busybox as base\nCOPY secret /\nCMD echo $HOME\n',
      'Dockerfile.dockerignore': 'secret\n',
    });
    const { code, stdout } = await davit('build', '--check', folder);
    expect(code).toBe(1);
    expect(stdout.match(/^\w+(?=: )/gm)).toEqual(['FromAsCasing', 'CopyIgnoredFile', 'JSONArgsRecommended']);
    expect(stdout).toContain('\n\nDockerfile:4:1\n3 |     COPY secret /\n4 | >>> CMD echo $HOME\n');
    expect(stdout).toMatch(/\n\nCheck complete, 3 warnings\.\n$/);
    const clean = davit.with({ input: 'FROM busybox\nUSER $NOSUCH\n' });
    expect(
      await clean('build', '--check', '--build-arg', 'BUILDKIT_DOCKERFILE_CHECK=skip=all', '-'),
    ).toMatchObject({
      ...{ code: 0, stdout: 'Check complete, nothing was found.\n' },
    });
    expect((await clean('build', '--check', '-')).stdout).toContain('UndefinedVar: Variables');
    const broken = await davit.with({ input: 'FROM busybox\nNOSUCH\n' })('build', '--check', '-');
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('2 | >>> NOSUCH') });
  });

  it('are told after a build, and fail it where the Dockerfile says so', async () => {
    const input = 'FROM busybox as base\nCMD echo\n';
    const { code, stderr } = await davit.with({ input })('build', '-');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /^2 warnings \(.*\):\n - FromAsCasing: .* \(line 1\)\n - JSONArgsRecommended: .* \(line 2\)\n$/,
      ),
    });
    expect((await davit.with({ input })('build', '-q', '-')).stderr).toBe('');
    const failing = { input: `# check=error=true;skip=FromAsCasing\n${input}` };
    const flags = ['build', '-t', 'never', '-'];
    for (const client of [davit.with(failing), docker.with({ ...failing, env: { DOCKER_BUILDKIT: '0' } })]) {
      const failed = await client(...flags);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toContain('build checks have found something: JSONArgsRecommended\n');
    }
    expect(await davit.ok('images', '-q', 'never')).toBe('');
  });
});
