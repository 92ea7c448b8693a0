import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { followSize, type Size } from './resize.ts';
import { createOutput } from './streams.ts';

function terminal(columns: number, rows: number) {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows });
  return { stream, out: createOutput(stream, {}) };
}

describe('followSize', () => {
  it('offers the first size until it is taken, and every later one once', async () => {
    const { stream, out } = terminal(100, 30);
    const sizes: Size[] = [];
    const stop = followSize(
      out,
      async (size) => {
        sizes.push(size);
        if (sizes.length < 3) throw new Error('not running');
      },
      () => expect.unreachable(),
    );
    await vi.waitFor(() => expect(sizes).toHaveLength(3));
    Object.assign(stream, { columns: 90, rows: 20 });
    stream.emit('resize');
    expect(sizes.at(-1)).toEqual({ h: 20, w: 90 });
    expect(sizes).toHaveLength(4);
    stop();
    stream.emit('resize');
    expect(sizes).toHaveLength(4);
  });
});
