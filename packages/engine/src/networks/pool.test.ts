import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createPool } from './pool.ts';

function counting(size: number, before: (number: number) => Promise<unknown> = async () => undefined) {
  let count = 0;
  const made: number[] = [];
  const discarded: number[] = [];
  const pool = createPool({
    size,
    async make() {
      const number = ++count;
      await before(number);
      made.push(number);
      return number;
    },
    async discard(item) {
      discarded.push(item);
    },
  });
  return { pool, made, discarded };
}

describe('a pool', () => {
  it('makes things ahead, gives them in order, and discards the rest', async () => {
    const { pool, made, discarded } = counting(2);
    pool.fill();
    await vi.waitFor(() => expect(made).toEqual([1, 2]), 5000);
    expect(await pool.take()).toBe(1);
    await vi.waitFor(() => expect(made).toEqual([1, 2, 3]), 5000);
    await pool.empty();
    expect(discarded).toEqual([2, 3]);
    await sleep(150);
    expect(made).toEqual([1, 2, 3]);
  });

  it('gives what is being made, to one alone', async () => {
    const { pool, made } = counting(1, () => sleep(10));
    pool.fill();
    await sleep(5);
    expect(await Promise.all([pool.take(), pool.take(), pool.take()])).toEqual([1, 2, 3]);
    await vi.waitFor(() => expect(made).toEqual([1, 2, 3, 4]), 5000);
    await pool.empty();
  });

  it('fails only those who ask, when nothing can be made', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const { pool } = counting(1, async () => {
      throw new Error('no more');
    });
    pool.fill();
    await sleep(20);
    await expect(pool.take()).rejects.toThrow('no more');
    await pool.empty();
    vi.restoreAllMocks();
  });
});
