import { readdirSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { SystemCallFailed } from './libc.ts';
import { type SpawnOptions, spawnProcess } from './spawn.ts';

const read = async (pipe: Socket | null | undefined) => (pipe ? text(pipe) : '');

async function outputOf(script: string, options: Partial<SpawnOptions> = {}) {
  const child = spawnProcess('sh', ['-c', script], { descriptors: ['null', 'writes', 'writes'], ...options });
  const [stdout = '', stderr] = await Promise.all([1, 2].map((at) => read(child.pipes[at])));
  return { stdout, stderr, ...(await child.wait()) };
}

describe('spawnProcess', () => {
  it('gives back what a program prints and its code', async () => {
    expect(await outputOf('echo out; echo err >&2; exit 7')).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      code: 7,
      signal: null,
    });
  });

  it('tells of the signal that ended it', async () => {
    expect(await outputOf('kill -TERM $$')).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('passes arguments, the environment and the working directory as they are', async () => {
    const child = spawnProcess(
      'sh',
      ['-c', 'printf "%s|" "$@" "$WORD" "$PWD" "$HOME"', 'sh', 'a b', '', '$c\n'],
      {
        descriptors: ['null', 'writes'],
        env: { PATH: process.env.PATH, WORD: 'wörd' },
        cwd: '/proc',
      },
    );
    expect(await read(child.pipes[1])).toBe('a b||$c\n|wörd|/proc||');
    expect(await child.wait()).toEqual({ code: 0, signal: null });
  });

  it('opens what was asked for and nothing else', async () => {
    const { stdout } = await outputOf('for each in /proc/self/fd/*; do readlink $each; done', {
      descriptors: ['null', 'writes', 'writes', 'null'],
    });
    // The shell itself has its folder open while it looks.
    const links = stdout.split('\n').filter((link) => link !== '' && !link.startsWith('/proc/'));
    expect(links.map((link) => link.replace(/\d+/, 'N'))).toEqual([
      '/dev/null',
      'pipe:[N]',
      'pipe:[N]',
      '/dev/null',
    ]);
  });

  it('takes more input than a pipe holds', async () => {
    const child = spawnProcess('wc', ['-c'], { descriptors: ['reads', 'writes'] });
    child.pipes[0]?.end(Buffer.alloc(1_000_000));
    expect((await read(child.pipes[1])).trim()).toBe('1000000');
    expect((await child.wait()).code).toBe(0);
  });

  it('lets a program die of signals that the engine ignores', async () => {
    process.once('SIGHUP', () => undefined);
    // SIGPIPE is ignored by Node itself.
    expect(await outputOf('kill -PIPE $$; echo survived')).toMatchObject({ stdout: '', signal: 'SIGPIPE' });
  });

  it('says which program is missing, and leaves no descriptor open', () => {
    const descriptors = () => readdirSync('/proc/self/fd').filter((fd) => isPipe(fd)).length;
    const before = descriptors();
    expect(() => spawnProcess('no-such-program', [], { descriptors: ['reads', 'writes', 'writes'] })).toThrow(
      expect.objectContaining({ code: 'ENOENT', name: new SystemCallFailed('', 0).name }),
    );
    expect(descriptors()).toBe(before);
  });
});

function isPipe(descriptor: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('pipe:');
  } catch {
    return false;
  }
}
