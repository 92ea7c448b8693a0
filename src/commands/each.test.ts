import { PassThrough } from 'node:stream';
import { ApiError } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { createOutput } from '../terminal/streams.ts';
import { forEachName } from './each.ts';

function recorder() {
  const stream = new PassThrough();
  return { out: createOutput(stream, {}), printed: () => String(stream.read() ?? '') };
}

describe('forEachName', () => {
  it('prints names in their order, whatever is done first', async () => {
    const { out, printed } = recorder();
    const first = Promise.withResolvers<void>();
    const begun: string[] = [];
    const done = forEachName(
      ['a', 'b'],
      (name) => {
        begun.push(name);
        if (name === 'b') first.resolve();
        return name === 'a' ? first.promise : Promise.resolve();
      },
      { out },
    );
    await done;
    expect(begun).toEqual(['a', 'b']);
    expect(printed()).toBe('a\nb\n');
  });

  it('goes on after what fails, and tells it at the end', async () => {
    const { out, printed } = recorder();
    const work = async (name: string) => {
      if (name !== 'b') throw new ApiError(404, `No such container: ${name}`);
    };
    await expect(forEachName(['a', 'b', 'c'], work, { out })).rejects.toThrow(
      'Error response from daemon: No such container: a\nError response from daemon: No such container: c',
    );
    expect(printed()).toBe('b\n');
  });

  it('begins one after the other when it is told to, and leaves out what says so', async () => {
    const { out, printed } = recorder();
    let running = 0;
    const work = async (name: string) => {
      running++;
      expect(running).toBe(1);
      await Promise.resolve();
      running--;
      return name !== 'quiet';
    };
    await forEachName(['a', 'quiet', 'c'], work, { out, oneByOne: true });
    expect(printed()).toBe('a\nc\n');
  });
});
