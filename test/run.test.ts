import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hints } from './support/hint.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

describe('run', () => {
  it('keeps both streams apart and returns the exit code', async () => {
    const result = await davit('run', '--rm', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    expect(result).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it.each([
    [
      'a missing image',
      ['nosuch:image'],
      125,
      /No such image: nosuch:image|pull access denied|Unable to find image/,
    ],
    ['a missing program', ['busybox', 'nosuchprogram'], 127, /exec.*nosuchprogram.*not found/s],
    ['a file that cannot be run', ['busybox', '/etc/passwd'], 126, /permission denied/i],
    ['an engine that refuses', ['--network', 'nosuch', 'busybox'], 125, /network nosuch not found/],
    ['a bad flag', ['--nosuch', 'busybox'], 125, /unknown flag: --nosuch/],
    ['a signal', ['--init', 'busybox', 'sh', '-c', 'kill -9 $$'], 137, /^$/],
  ])('exits as docker does for %s', async (_what, args, code, message) => {
    const result = await davit('run', '--rm', ...args);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });

  it('leaves no container behind that could not be started and is to be removed', async () => {
    await davit('run', '--rm', '--name', 'unstartable', 'busybox', 'nosuchprogram');
    expect(await davit.ok('ps', '-aq', '--filter', 'name=unstartable')).toBe('');
  });

  it.each([
    ['--env', ['-e', 'A=1', '--env', 'B=two words'], 'echo "$A:$B"', '1:two words'],
    ['--user by number', ['-u', '12:34'], 'id -u; id -g', '12\n34'],
    ['--user by name, with its groups', ['-u', 'www-data'], 'id -u; id -g; id -G', '33\n33\n33 77'],
    ['--user by name and group', ['-u', 'www-data:nobody'], 'id -u; id -g', '33\n65534'],
    ['--workdir, made when missing', ['-w', '/new/place'], 'pwd', '/new/place'],
    ['--hostname', ['--hostname', 'ship'], 'hostname; cat /etc/hostname', 'ship\nship'],
    ['--hostname in hosts', ['--hostname', 'ship'], 'grep -c "[[:space:]]ship$" /etc/hosts', '1'],
    ['--cap-drop all', ['--cap-drop', 'ALL'], 'grep CapEff /proc/self/status', 'CapEff:\t0000000000000000'],
    ['the default capabilities', [], 'grep CapEff /proc/self/status', 'CapEff:\t00000000a80425fb'],
    ['--cap-add', ['--cap-add', 'NET_ADMIN'], 'grep CapEff /proc/self/status', 'CapEff:\t00000000a80435fb'],
    ['--cap-drop one', ['--cap-drop', 'chown'], 'grep CapEff /proc/self/status', 'CapEff:\t00000000a80425fa'],
    ['no capability for a user', ['-u', '1'], 'grep CapEff /proc/self/status', 'CapEff:\t0000000000000000'],
    [
      '--memory',
      ['-m', '64m'],
      'cat /sys/fs/cgroup/memory*/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null',
      '67108864',
    ],
    ['--init', ['--init'], 'readlink /proc/1/exe | grep -cE "init|tini"', '1'],
    ['no terminal', [], 'tty', 'not a tty'],
    ['standard input from nowhere', [], 'cat', ''],
    ['--tmpfs', ['--tmpfs', '/scratch'], 'stat -f -c %T /scratch', 'tmpfs'],
    ['HOME of the user', [], 'echo $HOME', '/root'],
    [
      '/dev as docker makes it',
      [],
      'for d in null zero full random urandom tty ptmx fd stdin shm pts; do ls -d /dev/$d; done | wc -l',
      '11',
    ],
  ])('understands %s', async (_what, flags, script, expected) => {
    const { stdout } = await davit('run', '--rm', ...flags, 'busybox', 'sh', '-c', script);
    expect(stdout.trimEnd()).toBe(expected);
  });

  it('reads --env-file, and takes a variable without a value from its own environment', async () => {
    const file = `${engine.directory}/env`;
    writeFileSync(file, '# a comment\nA=from file\n\nFROM_OUTSIDE\nB=x=y\n');
    const script = 'echo "$A|$B|$FROM_OUTSIDE|$ALSO"';
    const result = await davit
      .with({ env: { FROM_OUTSIDE: 'outside', ALSO: 'too' } })
      .ok('run', '--rm', '--env-file', file, '-e', 'ALSO', 'busybox', 'sh', '-c', script);
    expect(result).toBe('from file|x=y|outside|too');
  });

  it('replaces the entrypoint and takes the rest as its arguments', async () => {
    expect(await davit.ok('run', '--rm', '--entrypoint', 'echo', 'busybox', 'one', 'two')).toBe('one two');
  });

  it('makes the root and what the engine puts there read-only, but no mount', async () => {
    const script = 'touch /file; echo $?; touch /dev/shm/file; echo $?; touch /etc/hosts; echo $?';
    const { stdout } = await davit('run', '--rm', '--read-only', 'busybox', 'sh', '-c', script);
    expect(stdout).toBe('1\n0\n1\n');
  });

  it('binds directories and files, read-only when asked', async () => {
    const file = `${engine.directory}/bound`;
    writeFileSync(file, 'from the host\n');
    const script = 'cat /bound; echo more >> /bound; cat /ro; touch /ro 2>&1';
    const result = await davit(
      'run',
      '--rm',
      '-v',
      `${file}:/bound`,
      '-v',
      `${file}:/ro:ro`,
      'busybox',
      'sh',
      '-c',
      script,
    );
    expect(result.stdout).toContain('from the host\nfrom the host\nmore\n');
    expect(result.stdout).toMatch(/Read-only file system/);
    expect(result.code).toBe(1);
  });

  it('makes the missing source of a bind', async () => {
    const source = `${engine.directory}/missing/source`;
    await davit.ok('run', '--rm', '-v', `${source}:/data`, 'busybox', 'touch', '/data/made');
    expect(await davit.ok('run', '--rm', '-v', `${source}:/data`, 'busybox', 'ls', '/data')).toBe('made');
  });

  it('names and labels containers, and refuses a name twice', async () => {
    const id = await davit.ok(
      'run',
      '-d',
      '--name',
      'named',
      '--label',
      'color=blue',
      '--label',
      'bare',
      'busybox',
      'sleep',
      '100',
    );
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const [info] = JSON.parse(await davit.ok('inspect', 'named'));
    expect(info).toMatchObject({ Id: id, Name: '/named', Config: { Labels: { color: 'blue', bare: '' } } });
    const again = await davit('run', '--name', 'named', 'busybox');
    expect(again.code).toBe(125);
    expect(again.stderr).toContain(
      `Conflict. The container name "/named" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
    await davit.ok('rm', '-f', 'named');
  });

  it('removes a container of --rm when it ends, also one in the background', async () => {
    const id = await davit.ok('run', '-d', '--rm', 'busybox', 'sleep', '0.1');
    const gone = await waitFor(async () => {
      const result = await davit('inspect', id);
      return result.code === 0 ? undefined : result;
    }, 'the removal of the container');
    expect(gone.code).toBe(1);
    expect(gone.stderr).toMatch(/No such object/i);
  });

  it('keeps a container without --rm, with its exit code', async () => {
    await davit('run', '--name', 'kept', 'busybox', 'sh', '-c', 'exit 3');
    const [info] = JSON.parse(await davit.ok('inspect', 'kept'));
    expect(info.State).toMatchObject({ Status: 'exited', Running: false, ExitCode: 3, Pid: 0 });
    await davit.ok('rm', 'kept');
  });

  it('writes the container ID to --cidfile and refuses to write over it', async () => {
    const file = `${engine.directory}/cid`;
    await davit.ok('run', '--rm', '--cidfile', file, 'busybox', 'true');
    const again = await davit('run', '--rm', '--cidfile', file, 'busybox', 'true');
    expect(again.code).toBe(125);
  });

  // dockerd cannot do this in a sandbox that lacks a capability; davitd clips what it may not give.
  it.skipIf(againstOriginal.engine)('gives all of the machine to --privileged', async () => {
    const script = 'mount -t tmpfs none /tmp && ls /dev | wc -l';
    const devices = Number(await davit.ok('run', '--rm', '--privileged', 'busybox', 'sh', '-c', script));
    expect(devices).toBeGreaterThan(20);
  });

  it('passes on the signals that it gets', async () => {
    const script = 'trap "echo caught; exit 9" TERM; echo ready; while :; do sleep 0.05; done';
    const client = davit.start('run', '--rm', 'busybox', 'sh', '-c', script);
    await client.prints('ready');
    client.signal('SIGTERM');
    expect(await client.done).toEqual({ code: 9, stdout: 'ready\ncaught\n', stderr: '' });
  });
});

it('tells people which name is near and which container holds a port', async () => {
  await davit.ok('run', '-d', '--name', 'harbour', '-p', '8099:80', 'busybox', 'sleep', '600');
  await hints(davit, ['stop', 'harbur'], /No such container: harbur\s+Did you mean harbour\?/);
  const held = ['run', '--rm', '-p', '8099:80', 'busybox', 'true'];
  await hints(davit, held, /Port 8099 is published by the container harbour\./, 125);
  expect((await davit('stop', 'harbur')).stderr).not.toContain('Did you mean');
  await davit.ok('rm', '-f', 'harbour');
});
