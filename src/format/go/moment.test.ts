import { describe, expect, it } from 'vitest';
import { describeDuration, describeMoment, formatMoment, parseRfc3339 } from './moment.ts';

function moment(text: string) {
  const parsed = parseRfc3339(text);
  if (!parsed) throw new Error(`${text} is no time`);
  return parsed;
}

describe('parseRfc3339', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['1969-12-31T23:59:59.5Z', -500_000_000n],
    ['2025-01-02T03:04:05.678901234Z', 1_735_787_045_678_901_234n],
    ['2025-01-02T05:04:05.678901234+02:00', 1_735_787_045_678_901_234n],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000_000_000n],
  ])('%s', (text, nanoseconds) => {
    expect(moment(text).nanoseconds).toBe(nanoseconds);
  });

  it('refuses what is no time', () => {
    expect(parseRfc3339('2025-01-02')).toBeNull();
    expect(parseRfc3339('2025-01-02T03:04:05')).toBeNull();
  });
});

describe('describeMoment', () => {
  it.each([
    ['2025-01-02T03:04:05.678901234Z', '2025-01-02 03:04:05.678901234 +0000 UTC'],
    ['2025-01-02T03:04:05Z', '2025-01-02 03:04:05 +0000 UTC'],
    ['2025-01-02T03:04:05.100Z', '2025-01-02 03:04:05.1 +0000 UTC'],
    ['2025-01-02T03:04:05-03:30', '2025-01-02 03:04:05 -0330 -0330'],
    ['0001-01-01T00:00:00Z', '0001-01-01 00:00:00 +0000 UTC'],
  ])('%s', (text, shown) => {
    expect(describeMoment(moment(text))).toBe(shown);
  });
});

describe('formatMoment', () => {
  it.each([
    ['Mon Jan _2 15:04:05 2006', 'Sun Feb  9 17:08:03 2025'],
    ['Monday, 02-Jan-06 3:04PM', 'Sunday, 09-Feb-25 5:08PM'],
    ['2006-01-02T15:04:05.000Z07:00', '2025-02-09T17:08:03.012Z'],
    ['002 .999999 -07:00', '040 .012 +00:00'],
  ])('%s', (layout, shown) => {
    expect(formatMoment(moment('2025-02-09T17:08:03.012Z'), layout)).toBe(shown);
  });
});

describe('describeDuration', () => {
  it.each([
    [0n, '0s'],
    [1n, '1ns'],
    [1_500n, '1.5µs'],
    [2_000_000n, '2ms'],
    [5_000_000_000n, '5s'],
    [90_500_000_000n, '1m30.5s'],
    [3_600_000_000_000n, '1h0m0s'],
    [-1_000_000_000n, '-1s'],
  ])('%d', (nanoseconds, shown) => {
    expect(describeDuration(nanoseconds)).toBe(shown);
  });
});
