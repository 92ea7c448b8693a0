import { expect, test } from 'vitest';
import { createLocks } from './lock.ts';

test('changes of one object happen one after another, of others at once', async () => {
  const locks = createLocks();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = locks.run('a', async () => {
    await gate.promise;
    order.push('first');
    throw new Error('failed');
  });
  const second = locks.run('a', async () => order.push('second'));
  await locks.run('b', async () => order.push('other'));
  const idle = locks.idle('a').then(() => order.push('idle'));
  gate.resolve();
  await expect(first).rejects.toThrow('failed');
  await second;
  await idle;
  expect(order).toEqual(['other', 'first', 'second', 'idle']);
});
