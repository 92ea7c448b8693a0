import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { againstOriginal, useEngine } from './support/use-engine.ts';
import { waitFor } from './support/wait.ts';

const { davit, engine } = await useEngine({
  args: ['--log-driver', 'local', '--log-opt', 'max-size=1m', '--log-opt', 'max-file=3'],
});

/** A folder that containers can look into, and files in it that they wait for. */
const gate = `${engine.directory}/gate`;
const open = (name: string) => writeFileSync(`${gate}/${name}`, '');
const waits = (name: string) => `until [ -e /gate/${name} ]; do sleep 0.05; done`;

function limits(driver: string, options: Record<string, string | number>): string[] {
  return [
    '--log-driver',
    driver,
    ...Object.entries(options).flatMap(([key, value]) => ['--log-opt', `${key}=${value}`]),
  ];
}

async function start(name: string, flags: string[], script: string): Promise<string> {
  mkdirSync(gate, { recursive: true });
  return davit.ok(
    'run',
    '-d',
    '--name',
    name,
    '-v',
    `${gate}:/gate`,
    ...flags,
    'busybox',
    'sh',
    '-c',
    script,
  );
}

async function linesOf(...args: string[]): Promise<string[]> {
  const { code, stdout } = await davit('logs', ...args);
  expect(code).toBe(0);
  return stdout.split('\n').slice(0, -1);
}

/** The files of a container's log, the one that is written first. */
function filesOf(id: string): string[] {
  const names = readdirSync(`${engine.dataRoot}/containers/${id}`);
  return names.filter((name) => /^ctr\.log(\.\d+(\.gz)?)?$/.test(name)).sort();
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

/** Prints numbers, slowly enough for something to happen meanwhile. */
const next = 'i=$((i+1)); echo $i; [ $((i % 100)) = 0 ] && usleep 10000';
const count = (to: number) => `i=0; while [ $i -lt ${to} ]; do ${next}; done`;
const countUntil = (name: string) => `i=0; until [ -e /gate/${name} ]; do ${next}; done; echo end`;

describe.skipIf(againstOriginal.engine)('a log that is limited', () => {
  it('keeps its last files, and who follows gets every line once', async () => {
    const flags = limits('json-file', { 'max-size': '20k', 'max-file': 3 });
    const id = await start('ring', flags, `echo ready; ${waits('ring')}; ${count(20_000)}`);
    const follower = davit.start('logs', '-f', 'ring');
    await follower.prints('ready\n');
    open('ring');
    const { code, stdout } = await follower.done;
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual(['ready', ...numbers(1, 20_000), '']);
    const files = filesOf(id);
    expect(files).toHaveLength(3);
    const kept = await linesOf('ring');
    // Two full files, and a third that may have just begun.
    expect(kept.length).toBeGreaterThan(700);
    expect(kept.length).toBeLessThan(20_000);
    expect(kept).toEqual(numbers(20_001 - kept.length, 20_000));
    for (const tail of [0, 1, 400, kept.length - 1, kept.length, 20_000])
      expect(await linesOf('--tail', String(tail), 'ring')).toEqual(tail === 0 ? [] : kept.slice(-tail));
  });

  it('has the lines of all files by time, and those of the next start', async () => {
    const flags = limits('json-file', { 'max-size': '20k', 'max-file': 100 });
    const id = await start('again', flags, count(3000));
    await davit.ok('wait', 'again');
    await davit.ok('start', '-a', 'again');
    expect(filesOf(id).length).toBeGreaterThan(4);
    expect(await linesOf('again')).toEqual([...numbers(1, 3000), ...numbers(1, 3000)]);
    const stamped = await linesOf('-t', 'again');
    const [time = '', text = ''] = stamped[2500]?.split(' ') ?? [];
    expect(text).toBe('2501');
    const since = await linesOf('-t', '--since', time, 'again');
    expect(since).toEqual(stamped.filter((line) => line >= time));
    expect(await linesOf('-t', '--until', time, 'again')).toEqual(
      stamped.filter((line) => line < `${time}!`),
    );
  });

  it('loses no line when the engine is killed again and again', async () => {
    const flags = limits('json-file', { 'max-size': '10k', 'max-file': 1000 });
    const id = await start('killed', flags, countUntil('killed'));
    for (let round = 1; round <= 4; round++) {
      const before = filesOf(id).length;
      await waitFor(() => filesOf(id).length > before + 3, 'new files');
      await engine.crash();
      await engine.start();
    }
    open('killed');
    await davit.ok('wait', 'killed');
    const lines = await linesOf('killed');
    expect(lines).toEqual([...numbers(1, lines.length - 1), 'end']);
  });

  it('is packed, also when an engine before this one did not come to it', async () => {
    const flags = limits('local', { 'max-size': '50k', 'max-file': 1000 });
    const id = await start('packed', flags, `${countUntil('packed')}; ${waits('ended')}`);
    await waitFor(() => filesOf(id).length > 3, 'new files');
    await engine.crash();
    await engine.start();
    open('packed');
    await waitFor(async () => (await davit.ok('logs', '--tail', '1', 'packed')) === 'end', 'the last line');
    const isPacked = () => filesOf(id).every((name) => name === 'ctr.log' || name.endsWith('.gz'));
    await waitFor(isPacked, 'all files to be packed');
    const lines = await linesOf('packed');
    expect(lines).toEqual([...numbers(1, lines.length - 1), 'end']);
    expect(await linesOf('--tail', '3000', 'packed')).toEqual(lines.slice(-3000));
    open('ended');
    await davit.ok('wait', 'packed');
    expect(await linesOf('packed')).toEqual(lines);
  });

  it('is the engine’s own one for containers that name none', async () => {
    const id = await start('plain', [], 'head -c 6000000 /dev/zero | tr "\\0" x | fold -w 99');
    await davit.ok('wait', 'plain');
    expect(filesOf(id).length).toBeGreaterThan(1);
    expect(filesOf(id).length).toBeLessThanOrEqual(3);
  });
});

describe('the log of an engine', () => {
  it('is what its flags say', async () => {
    expect(await davit.ok('info', '--format', '{{.LoggingDriver}}')).toBe('local');
    const configOf = async (...flags: string[]) => {
      const id = await davit.ok('create', ...flags, 'busybox');
      return JSON.parse(await davit.ok('inspect', '-f', '{{json .HostConfig.LogConfig}}', id));
    };
    expect(await configOf()).toEqual({ Type: 'local', Config: { 'max-size': '1m', 'max-file': '3' } });
    expect(await configOf(...limits('local', { 'max-file': 9 }))).toEqual({
      Type: 'local',
      Config: { 'max-size': '1m', 'max-file': '9' },
    });
    expect(await configOf('--log-driver', 'json-file')).toEqual({ Type: 'json-file', Config: {} });
  });

  it('is refused with options that are none', async () => {
    const refusals: [string, Record<string, string>, string][] = [
      ['json-file', { 'max-size': 'abc' }, "failed to initialize logging driver: invalid size: 'abc'"],
      [
        'json-file',
        { 'max-file': '0' },
        'failed to initialize logging driver: max-file cannot be less than 1',
      ],
      ['json-file', { nosuch: '1' }, "unknown log opt 'nosuch' for json-file log driver"],
      ['local', { nosuch: '1' }, "unknown log opt 'nosuch' for log driver local"],
    ];
    for (const [driver, options, message] of refusals) {
      const { code, stderr } = await davit('run', '--rm', ...limits(driver, options), 'busybox', 'true');
      expect(stderr).toContain(message);
      expect(code).toBe(125);
    }
  });
});
