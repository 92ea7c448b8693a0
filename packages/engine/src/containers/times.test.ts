import { expect, test } from 'vitest';
import { formatTime, isEarlier, now, parseTime } from '../clock.ts';
import { describeDuration, never } from './times.ts';

test('times are written as Go writes them', () => {
  expect(formatTime(1_795_591_983_724_840_604n)).toBe('2026-11-25T07:33:03.724840604Z');
  expect(formatTime(1_795_591_983_700_000_000n)).toBe('2026-11-25T07:33:03.7Z');
  expect(formatTime(1_795_591_983_000_000_000n)).toBe('2026-11-25T07:33:03Z');
});

test('times are read back with every digit and in any zone', () => {
  expect(parseTime('2026-11-25T07:33:03.724840604Z')).toBe(1_795_591_983_724_840_604n);
  expect(parseTime('2026-11-25T08:33:03+01:00')).toBe(1_795_591_983_000_000_000n);
  expect(parseTime('yesterday')).toBeNull();
  expect(parseTime(never)).toBeLessThan(0n);
});

test('times compare whatever the length of their fraction', () => {
  const times = [
    '2026-11-25T07:33:03Z',
    '2026-11-25T07:33:03.1Z',
    '2026-11-25T07:33:03.12Z',
    '2026-11-25T07:33:04Z',
  ];
  for (const [index, time] of times.entries()) {
    for (const [other, later] of times.entries()) expect(isEarlier(time, later)).toBe(index < other);
  }
});

test('now follows the clock and does not stand still', () => {
  const first = now();
  expect(Math.abs(Number(first / 1_000_000n) - Date.now())).toBeLessThan(1000);
  expect(now()).toBeGreaterThanOrEqual(first);
});

test.each([
  [0, 'Less than a second'],
  [1000, '1 second'],
  [59_999, '59 seconds'],
  [60_000, 'About a minute'],
  [150_000, '2 minutes'],
  [3_600_000, 'About an hour'],
  [5_400_000, '2 hours'],
  [47 * 3_600_000, '47 hours'],
  [48 * 3_600_000, '2 days'],
  [15 * 86_400_000, '2 weeks'],
  [70 * 86_400_000, '2 months'],
  [800 * 86_400_000, '2 years'],
])('%d ms is "%s"', (milliseconds, words) => {
  expect(describeDuration(milliseconds)).toBe(words);
});
