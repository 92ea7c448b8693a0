import { expect, test } from 'vitest';
import { nextBackOff, wantsRestart } from './restart.ts';

const ending = (
  Name: string,
  part: Partial<Parameters<typeof wantsRestart>[0]> = {},
  MaximumRetryCount = 0,
) =>
  wantsRestart({
    policy: { Name, MaximumRetryCount },
    exitCode: 1,
    restartCount: 0,
    stoppedByHand: false,
    ...part,
  });

test('each policy restarts what it should', () => {
  expect(ending('no')).toBe(false);
  expect(ending('always', { exitCode: 0, stoppedByHand: true })).toBe(true);
  expect(ending('unless-stopped', { exitCode: 0 })).toBe(true);
  expect(ending('unless-stopped', { stoppedByHand: true })).toBe(false);
  expect(ending('on-failure')).toBe(true);
  expect(ending('on-failure', { exitCode: 0 })).toBe(false);
  expect(ending('on-failure', { restartCount: 2 }, 3)).toBe(true);
  expect(ending('on-failure', { restartCount: 3 }, 3)).toBe(false);
});

test('the wait doubles up to a minute and begins anew after a good run', () => {
  const waits = [0, 1, 2, 3].reduce<number[]>((all) => [...all, nextBackOff(all.at(-1) ?? 0, 50)], []);
  expect(waits).toEqual([100, 200, 400, 800]);
  expect(nextBackOff(50_000, 50)).toBe(60_000);
  expect(nextBackOff(50_000, 10_000)).toBe(100);
});
