import { expect, test } from 'vitest';
import { createTurnstile } from './turnstile.ts';

test('all who wait are let through once', async () => {
  const turnstile = createTurnstile<number>();
  const first = [turnstile.wait(), turnstile.wait()];
  turnstile.release(1);
  const second = turnstile.wait();
  turnstile.release(2);
  expect(await Promise.all([...first, second])).toEqual([1, 1, 2]);
});

test('who leaves is not let through, and who is gone does not come in', async () => {
  const turnstile = createTurnstile<number>();
  const leaving = new AbortController();
  const waiting = turnstile.wait(leaving.signal);
  leaving.abort(new Error('left'));
  turnstile.release(1);
  await expect(waiting).rejects.toThrow('left');
  await expect(turnstile.wait(leaving.signal)).rejects.toThrow('left');
});
