import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from './dispatch.ts';
import { createInput, createOutput } from './terminal/streams.ts';

async function runWith(isTTY: boolean, args: string[]) {
  const [out, err] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY })];
  const environment = { HOME: '/nosuch', DOCKER_HOST: 'unix:///nosuch.sock' };
  const code = await runCommandLine(args, {
    program: 'davit',
    streams: {
      in: createInput(() => new PassThrough()),
      out: createOutput(out, {}),
      err: createOutput(err, {}),
    },
    environment,
    interruption: () => new AbortController().signal,
  });
  const read = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
  return { code, out: read(out), err: read(err) };
}

const run = (...args: string[]) => runWith(false, args);

const hint = (path: string) => `\n\nRun '${path} --help' for more information\n`;

describe('runCommandLine', () => {
  it('keeps off a terminal what an error has of control characters', async () => {
    const words = ['help', '\x1b[2Jnosuch\x07'];
    expect((await runWith(true, words)).err).toMatch(/^unknown help topic: nosuch\n/);
    expect((await run(...words)).err).toBe('unknown help topic: \x1b[2Jnosuch\x07\n');
  });

  it.each([
    [['--nosuch'], 125, `unknown flag: --nosuch\n\nUsage:  davit [OPTIONS] COMMAND [ARG...]${hint('davit')}`],
    [['frobnicate'], 1, `davit: unknown command: davit frobnicate${hint('davit')}`],
    [
      ['plugin', 'install', '--nosuch'],
      1,
      'davit: there is no davit plugin: plugins for volumes and networks run inside dockerd\n',
    ],
    [
      ['frobnicate', '-x'],
      125,
      `unknown shorthand flag: 'x' in -x\n\nUsage:  davit [OPTIONS] COMMAND [ARG...]${hint('davit')}`,
    ],
    [
      ['container', 'foo'],
      1,
      `davit: unknown command: davit container foo\n\nUsage:  davit container${hint('davit container')}`,
    ],
    [['container', '--foo'], 125, `unknown flag: --foo\n\nUsage:  davit container${hint('davit container')}`],
    [
      ['container', 'cp', 'one'],
      1,
      "davit: 'davit container cp' requires 2 arguments\n\nUsage:  davit container cp [OPTIONS] CONTAINER:SRC_PATH " +
        `DEST_PATH|-\n\tdavit cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH${hint('davit container cp')}`,
    ],
    [
      ['attach', 'a', 'b'],
      1,
      `davit: 'davit attach' requires 1 argument\n\nUsage:  davit attach [OPTIONS] CONTAINER${hint('davit attach')}`,
    ],
    [
      ['wait'],
      1,
      "davit: 'davit wait' requires at least 1 argument\n\nUsage:  davit wait CONTAINER [CONTAINER...]\n\nSee 'davit wait --help' for more information\n",
    ],
    [
      ['container', 'exec', 'x', '-i'],
      1,
      'Cannot connect to the Docker daemon at unix:///nosuch.sock. Is the docker daemon running?\n',
    ],
    [['-l', 'bogus', 'wait', 'x'], 1, 'Unable to parse logging level: bogus\n'],
    [['help', 'nosuch'], 1, 'unknown help topic: nosuch\n'],
    [
      ['-H', 'unix:///x', '-c', 'y', 'wait', 'x'],
      1,
      'conflicting options: cannot specify both --host and --context\n',
    ],
    [['run', '-p', '80:', 'busybox'], 125, `davit: no port specified: 80:<empty>${hint('davit run')}`],
    [
      ['run', 'busybox'],
      125,
      `davit: Cannot connect to the Docker daemon at unix:///nosuch.sock. Is the docker daemon running?${hint('davit run')}`,
    ],
    [
      ['create', 'busybox'],
      1,
      'Cannot connect to the Docker daemon at unix:///nosuch.sock. Is the docker daemon running?\n',
    ],
    [['create', '--pid', 'foo', 'busybox'], 125, `davit: --pid: invalid PID mode${hint('davit create')}`],
    [['run', '-it', 'busybox'], 1, 'the input device is not a TTY\n'],
  ])('%j exits with %i', async (args, code, err) => {
    expect(await run(...args)).toEqual({ code, out: '', err });
  });

  it.each([[['--help']], [['-h']], [['help']], [['nosuch', '--help']]])('shows help for %j', async (args) => {
    const { code, out, err } = await run(...args);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: {2}davit \[OPTIONS\] COMMAND\n/);
    expect(out).toContain('\n  run ');
  });

  it('has help on topics besides commands', async () => {
    const { code, out } = await run('help', 'config.json');
    expect(code).toBe(0);
    expect(out).toMatch(/^What davit reads and writes in config\.json\.\n\nThe file:\n/);
    expect(out).toMatch(/\n {2}credsStore +Keeps all logins/);
    expect((await run('--help')).out).toMatch(/help\s+TOPIC'\s+for\s+config\.json/);
  });

  it('shows help on standard error when a command is missing', async () => {
    expect(await run()).toMatchObject({ code: 0, out: '' });
    const { code, out, err } = await run('container');
    expect([code, out]).toEqual([0, '']);
    expect(err).toMatch(/^Usage: {2}davit container COMMAND\n/);
  });

  it('shows help of a command with its names, examples and groups of flags', async () => {
    const { out } = await run('run', '--help');
    expect(out).toBe((await run('help', 'run')).out);
    expect(out).toMatch(/^Usage: {2}davit run \[OPTIONS\] IMAGE \[COMMAND\] \[ARG...\]\n/);
    expect(out).toContain('\nAliases:\n  davit container run, davit run\n');
    expect(out).toContain('\nExamples:\n  davit run --rm -it busybox\n      A shell in');
    expect(out).toMatch(/\nOptions:\n {6}--name name +Name of the container\n/);
    expect(out).toMatch(/\nNetwork:\n {2}-p, --publish /);
    expect(out).not.toContain('kernel-memory');
  });

  it('says which version it is', async () => {
    expect((await run('-v', 'wait')).out).toMatch(/^davit version \d+\.\d+\.\d+, build \w+\n$/);
  });
});
