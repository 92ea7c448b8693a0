import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine();

describe('exec', () => {
  beforeAll(async () => {
    await davit.ok(
      'run',
      '-d',
      '--name',
      'box',
      '-e',
      'OUTER=1',
      '-w',
      '/tmp',
      '-u',
      'www-data',
      'busybox',
      'sleep',
      '1000',
    );
  });

  it('keeps both streams apart and returns the exit code', async () => {
    const result = await davit('exec', 'box', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    expect(result).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it.each([
    // 126 from older engines, whose message does not say that the file is missing.
    ['a missing program', ['box', 'nosuchprogram'], /^12[67]$/],
    ['a file that cannot be run', ['box', '/etc/passwd'], /^126$/],
    ['a missing container', ['nosuch', 'true'], /^1$/],
  ])('exits as docker does for %s', async (_what, args, code) => {
    expect(String((await davit('exec', ...args)).code)).toMatch(code);
  });

  it.each([
    ['in the world of the container', [], 'ps | grep -c "sleep 1000$"; hostname | wc -c', '1\n13'],
    [
      'with the environment, directory and user of the container',
      [],
      'echo $OUTER $(pwd) $(id -un) $HOME',
      '1 /tmp www-data /var',
    ],
    ['with its own environment', ['-e', 'OUTER=2', '-e', 'INNER=3'], 'echo $OUTER $INNER', '2 3'],
    ['with its own directory', ['-w', '/etc'], 'pwd', '/etc'],
    [
      'with its own user',
      ['-u', 'root'],
      'id -un; grep CapEff /proc/self/status',
      'root\nCapEff:\t00000000a80425fb',
    ],
    ['without capabilities for a user', [], 'grep CapEff /proc/self/status', 'CapEff:\t0000000000000000'],
    ['without standard input', [], 'cat', ''],
  ])('runs %s', async (_what, flags, script, expected) => {
    expect(await davit.ok('exec', ...flags, 'box', 'sh', '-c', script)).toBe(expected);
  });

  it('passes on its input to the last byte', async () => {
    const result = await davit.with({ input: 'x'.repeat(300_000) })('exec', '-i', 'box', 'wc', '-c');
    expect(result.stdout.trim()).toBe('300000');
  });

  it('runs in the background', async () => {
    expect(await davit.ok('exec', '-d', 'box', 'sh', '-c', 'echo done > /tmp/background')).toBe('');
    await waitFor(
      async () => (await davit('exec', 'box', 'cat', '/tmp/background')).stdout === 'done\n',
      'the file',
    );
  });

  it('has a terminal when asked', async () => {
    const terminal = davit.terminal('exec', '-it', 'box', 'sh');
    await terminal.shows('$ ');
    terminal.type('until [ "$(stty size)" = "24 80" ]; do sleep 0.02; done; echo "fi""rst"\r');
    await terminal.shows('first');
    terminal.resize(40, 100);
    terminal.type('until [ "$(stty size)" = "40 100" ]; do sleep 0.02; done; echo "th""en"\r');
    await terminal.shows('then');
    terminal.type('exit 9\r');
    expect(await terminal.exit).toBe(9);
  });

  it('runs twenty at once', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => String(index));
    const results = await Promise.all(numbers.map((number) => davit('exec', 'box', 'echo', number)));
    expect(results.map((result) => result.stdout.trim())).toEqual(numbers);
  });

  it('is told of in inspect, also when it has ended', async () => {
    const created = await engine.request(
      'POST',
      '/containers/box/exec',
      JSON.stringify({ Cmd: ['sh', '-c', 'exit 4'] }),
    );
    expect(created.status).toBe(201);
    const { Id } = JSON.parse(created.body) as { Id: string };
    const before = JSON.parse((await engine.request('GET', `/exec/${Id}/json`)).body);
    expect(before).toMatchObject({ ID: Id, Running: false, ExitCode: null });
    await engine.request('POST', `/exec/${Id}/start`, JSON.stringify({ Detach: true }));
    const after = await waitFor(async () => {
      const info = JSON.parse((await engine.request('GET', `/exec/${Id}/json`)).body) as {
        ExitCode: number | null;
      };
      return info.ExitCode !== null && info;
    }, 'the exit code');
    expect(after).toMatchObject({ ExitCode: 4, Running: false });
    const again = await engine.request('POST', `/exec/${Id}/start`, JSON.stringify({ Detach: true }));
    expect(again.status).toBe(409);
  });

  it('is refused for a container that does not run', async () => {
    await davit.ok('create', '--name', 'still', 'busybox');
    const { code, stderr } = await davit('exec', 'still', 'true');
    expect(code).toBe(1);
    expect(stderr).toMatch(/container [0-9a-f]+ is not running/i);
  });
});
