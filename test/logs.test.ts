import { describe, expect, it } from 'vitest';
import { useEngine } from './support/use-engine.ts';

const { davit } = await useEngine();

async function finished(name: string, script: string): Promise<void> {
  await davit.ok('create', '--name', name, 'busybox', 'sh', '-c', script);
  await davit.ok('start', name);
  await davit.ok('wait', name);
}

const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /;

describe('logs', () => {
  it('gives both streams apart, in order, byte for byte', async () => {
    await finished('streams', 'echo out; echo err >&2; printf "no newline"');
    const { stdout, stderr } = await davit('logs', 'streams');
    expect(stdout).toBe('out\nno newline');
    expect(stderr).toBe('err\n');
  });

  it('keeps long lines and bytes that are no text whole', async () => {
    await finished(
      'long',
      'head -c 100000 /dev/zero | tr "\\0" x; echo; printf "\\377\\000\\376\\n" | xxd -p; echo end',
    );
    const { stdout } = await davit('logs', 'long');
    expect(stdout).toBe(`${'x'.repeat(100_000)}\nff00fe0a\nend\n`);
  });

  it('cuts to the last lines', async () => {
    await finished('tail', 'seq 1000');
    expect(await davit.ok('logs', '--tail', '3', 'tail')).toBe('998\n999\n1000');
    expect(await davit.ok('logs', '-n', '1', 'tail')).toBe('1000');
    expect(await davit.ok('logs', '--tail', '0', 'tail')).toBe('');
    expect((await davit.ok('logs', '--tail', 'all', 'tail')).split('\n')).toHaveLength(1000);
    expect((await davit.ok('logs', '--tail', '5000', 'tail')).split('\n')).toHaveLength(1000);
  });

  it('puts the time before each line and selects by it', async () => {
    await finished('times', 'echo one; sleep 1.2; echo two; sleep 1.2; echo three');
    const lines = (await davit.ok('logs', '-t', 'times')).split('\n');
    expect(lines.map((line) => line.replace(stamp, ''))).toEqual(['one', 'two', 'three']);
    const second = lines[1]?.split(' ')[0] ?? '';
    expect(await davit.ok('logs', '--since', second, 'times')).toBe('two\nthree');
    expect(await davit.ok('logs', '--until', second, 'times')).toMatch(/^one(\ntwo)?$/);
    const between = (Date.parse(second) / 1000 - 0.6).toFixed(3);
    expect(await davit.ok('logs', '--since', between, 'times')).toBe('two\nthree');
    expect(await davit.ok('logs', '--since', '1h', 'times')).toBe('one\ntwo\nthree');
    expect(await davit.ok('logs', '--until', '1h', 'times')).toBe('');
    expect(await davit.ok('logs', '--since', '2000-01-01', '--tail', '1', 'times')).toBe('three');
  });

  it('puts the attributes before each line that the options of the log ask for', async () => {
    const details = ['--label', 'b=x y,z', '--label', 'com.ex.q=5', '-e', 'FOO=bar', '-e', 'S=a b'];
    const options = ['labels=b,nope', 'env=S,FOO', 'labels-regex=^com', 'tag={{.Name}}'];
    const flags = [...details, ...options.flatMap((option) => ['--log-opt', option])];
    await davit.ok('run', '--name', 'details', ...flags, 'busybox', 'sh', '-c', 'echo one; echo; printf two');
    const attributes = 'FOO=bar,S=a+b,b=x+y%2Cz,com.ex.q=5,tag=details';
    const { stdout } = await davit('logs', '--details', 'details');
    expect(stdout).toBe(`${attributes} one\n${attributes} \n${attributes} two`);
    const stamped = await davit.ok('logs', '--details', '-t', '--tail', '1', 'details');
    expect(stamped.replace(stamp, '')).toBe(`${attributes} two`);
    await davit.ok('run', '--name', 'bare', 'busybox', 'echo', 'bare');
    expect((await davit('logs', '--details', 'bare')).stdout).toBe(' bare\n');
  });

  it('refuses options of the log that cannot be understood', async () => {
    for (const [option, message] of [
      ['labels-regex=(', 'error parsing regexp: missing closing ): `(`'],
      ['tag={{', 'template: log-tag:1: unclosed action'],
    ] as const) {
      const { code, stderr } = await davit('run', '--rm', '--log-opt', option, 'busybox', 'true');
      expect(stderr).toContain(`failed to initialize logging driver: ${message}`);
      expect(code).toBe(125);
    }
  });

  it('follows until the container ends', async () => {
    const script = 'echo first; read line; echo "then $line"; echo err >&2';
    await davit.ok('run', '-d', '-i', '--name', 'followed', 'busybox', 'sh', '-c', script);
    const follower = davit.start('logs', '-f', 'followed');
    await follower.prints('first\n');
    await davit.with({ input: 'more\n' })('attach', 'followed');
    expect(await follower.done).toEqual({ code: 0, stdout: 'first\nthen more\n', stderr: 'err\n' });
  });

  it('follows from the last lines on', async () => {
    await davit.ok(
      'run',
      '-d',
      '-i',
      '--name',
      'tailed',
      'busybox',
      'sh',
      '-c',
      'seq 100; read line; seq 101 103',
    );
    const follower = davit.start('logs', '-f', '--tail', '2', 'tailed');
    await follower.prints('100\n');
    await davit.with({ input: '\n' })('attach', 'tailed');
    expect((await follower.done).stdout).toBe('99\n100\n101\n102\n103\n');
  });

  it('leaves nothing out of a flood that is followed', async () => {
    await davit.ok('run', '-d', '--name', 'flood', 'busybox', 'sh', '-c', 'seq 200000');
    const { code, stdout } = await davit('logs', '-f', 'flood');
    const numbers = stdout.split('\n');
    expect(code).toBe(0);
    expect(numbers).toHaveLength(200_001);
    expect(numbers.findIndex((line, index) => line !== String(index + 1))).toBe(200_000);
  });

  it('has the output of every start of a container', async () => {
    await finished('again', 'echo run');
    await davit.ok('start', '-a', 'again');
    expect(await davit.ok('logs', 'again')).toBe('run\nrun');
  });

  it('shows the terminal of a container as it was', async () => {
    await davit.ok('run', '-t', '--name', 'terminal', 'busybox', 'echo', 'hi');
    expect((await davit('logs', 'terminal')).stdout).toBe('hi\r\n');
  });
});
