import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ProgramMissing } from '../process.ts';
import { type OutputOptions, outputOf } from './output.ts';

const plain: OutputOptions = {
  cwd: '/',
  env: { PATH: process.env.PATH },
  lend: false,
  judge: () => undefined,
};
const shell = (script: string, options: Partial<OutputOptions> = {}) =>
  outputOf('sh', ['-c', script], { ...plain, ...options });

const pipes = () =>
  readdirSync('/proc/self/fd').filter((descriptor) => {
    const link = `/proc/self/fd/${descriptor}`;
    return existsSync(link) && readlinkSync(link).startsWith('pipe:');
  }).length;

/** A digest of what comes, each piece used before the next one is asked for, and how many memories it was in. */
async function digest(output: AsyncIterable<Buffer>) {
  const hash = createHash('sha256');
  const memories = new Set<ArrayBufferLike>();
  let size = 0;
  for await (const piece of output) {
    hash.update(piece);
    size += piece.length;
    if (piece.length >= 128 * 1024) memories.add(piece.buffer);
  }
  return { digest: hash.digest('hex'), size, memories: memories.size };
}

const sixMegabytes = 'seq 1000000 | head -c 6000000';

describe('outputOf', () => {
  it.each([true, false])('gives all that a program prints, lent: %s', async (lend) => {
    const numbers = Array.from({ length: 1_000_000 }, (_, at) => `${at + 1}\n`).join('');
    const expected = createHash('sha256').update(numbers.slice(0, 6_000_000)).digest('hex');
    const { digest: found, size, memories } = await digest(shell(sixMegabytes, { lend }));
    expect({ found, size }).toEqual({ found: expected, size: 6_000_000 });
    if (lend) expect(memories).toBeLessThanOrEqual(2);
  });

  it('has code and complaints judged, after everything was read', async () => {
    const seen: unknown[] = [];
    const judge = (...judged: unknown[]) => {
      seen.push(...judged);
      throw new Error('no good');
    };
    const output = shell('echo said; echo complained >&2; exit 3', { judge });
    expect(String((await output.next()).value)).toBe('said\n');
    await expect(output.next()).rejects.toThrow('no good');
    expect(seen).toEqual([3, 'complained\n']);
  });

  it('ends a program that nobody listens to any more, and judges it not', async () => {
    const before = pipes();
    const output = shell('while :; do echo on and on; done', {
      judge: () => {
        throw new Error('it was judged');
      },
    });
    await output.next();
    // Comes back when the program is gone and has been waited for.
    await output.return(undefined);
    expect(pipes()).toBe(before);
  });

  it('says that a program is missing, and leaves nothing open', async () => {
    const before = pipes();
    await expect(outputOf('no-such-program', [], plain).next()).rejects.toThrow(ProgramMissing);
    expect(pipes()).toBe(before);
  });
});
