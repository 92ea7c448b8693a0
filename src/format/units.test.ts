import { describe, expect, it } from 'vitest';
import { binarySize, humanDuration, humanSize } from './units.ts';

describe('humanSize', () => {
  it.each([
    [0, '0B'],
    [999, '999B'],
    [1000, '1kB'],
    [1024, '1.024kB'],
    [9999.5, '9.999kB'],
    [999_999, '1000kB'],
    [1_984_172, '1.984MB'],
    [1_000_000_000, '1GB'],
    [1.5e15, '1.5PB'],
    [1e30, '1e+06YB'],
  ])('%d is %s', (size, text) => {
    expect(humanSize(size)).toBe(text);
  });

  it('keeps three digits for images', () => {
    expect(humanSize(1_984_172, 3)).toBe('1.98MB');
    expect(humanSize(123_456_789, 3)).toBe('123MB');
    expect(humanSize(5, 3)).toBe('5B');
    expect(humanSize(999_600, 3)).toBe('1e+03kB');
  });
});

describe('binarySize', () => {
  it.each([
    [0, '0B'],
    [1023, '1023B'],
    [1024, '1KiB'],
    [67_108_864, '64MiB'],
    [25_276_026_880, '23.54GiB'],
    [1024 ** 4 * 1.5, '1.5TiB'],
  ])('%d is %s', (size, text) => {
    expect(binarySize(size)).toBe(text);
  });
});

describe('humanDuration', () => {
  it.each([
    [0, 'Less than a second'],
    [0.9, 'Less than a second'],
    [-5, 'Less than a second'],
    [1, '1 second'],
    [1.9, '1 second'],
    [2, '2 seconds'],
    [59, '59 seconds'],
    [60, 'About a minute'],
    [119, 'About a minute'],
    [120, '2 minutes'],
    [59 * 60 + 59, '59 minutes'],
    [3600, 'About an hour'],
    [3600 * 1.49, 'About an hour'],
    [3600 * 1.5, '2 hours'],
    [3600 * 47.4, '47 hours'],
    [3600 * 48, '2 days'],
    [86_400 * 13, '13 days'],
    [86_400 * 14, '2 weeks'],
    [86_400 * 59, '8 weeks'],
    [86_400 * 60, '2 months'],
    [86_400 * 729, '24 months'],
    [86_400 * 730, '2 years'],
    [86_400 * 3650, '10 years'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(humanDuration(seconds)).toBe(text);
  });
});
