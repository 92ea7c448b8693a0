import { expect, test } from 'vitest';
import { globToRegExp, matchesLabels, readMoment } from './filters.ts';
import { hostPlatform, parsePlatform } from './platform.ts';
import { parseDuration } from './times.ts';

test.each([
  ['busybox', 'busybox', true],
  ['busybox', 'busybox:1', false],
  ['*', 'busybox', true],
  ['*', 'user/busybox', false],
  ['*/*', 'user/busybox', true],
  ['b?sy*', 'busybox', true],
  ['?', '/', false],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['[^a-c]x', 'dx', true],
  ['a.c', 'abc', false],
  ['a\\*c', 'a*c', true],
  ['a\\*c', 'abc', false],
  ['[\\]]', ']', true],
  ['a|b', 'a', false],
])('pattern %s, name %s', (pattern, name, fits) => {
  expect(globToRegExp(pattern).test(name)).toBe(fits);
});

test.each(['[', '[]', 'a[', '[z-a]', 'a\\'])('pattern %s is refused', (pattern) => {
  expect(() => globToRegExp(pattern)).toThrow('syntax error in pattern');
});

test('labels match by key, or by key and value', () => {
  const labels = { a: '1', b: 'x=y' };
  expect(matchesLabels(labels, ['a', 'b=x=y'])).toBe(true);
  expect(matchesLabels(labels, ['a=2'])).toBe(false);
  expect(matchesLabels(labels, ['toString'])).toBe(false);
});

test('points in time are read in every way that docker reads', () => {
  const second = 1_000_000_000n;
  expect(readMoment('1700000000')).toBe(1_700_000_000n * second);
  expect(readMoment('1700000000.5')).toBe(1_700_000_000n * second + second / 2n);
  expect(readMoment('10m', 1_000_000)).toBe(400n * second);
  expect(readMoment('2023-11-14T22:13:20Z')).toBe(1_700_000_000n * second);
  expect(readMoment('2023-11-14T23:13:20.000000001+01:00')).toBe(1_700_000_000n * second + 1n);
  expect(readMoment('2023-11-14')).toBe(1_699_920_000n * second);
  expect(readMoment('2023-11-14T22')).toBe(1_699_999_200n * second);
  expect(() => readMoment('yesterday')).toThrow('failed to parse');
});

test('durations are read as Go reads them', () => {
  expect(parseDuration('1h2m3.5s')).toBe(3_723.5e9);
  expect(parseDuration('1.5ms')).toBe(1_500_000);
  expect(parseDuration('0')).toBe(0);
  for (const wrong of ['', '1', 's', '1x', '1s2', '-1s']) expect(parseDuration(wrong)).toBe(null);
});

test('platforms are read as text and as JSON', () => {
  expect(parsePlatform('')).toBe(hostPlatform);
  expect(parsePlatform('linux/arm64/v8')).toEqual({ os: 'linux', architecture: 'arm64', variant: 'v8' });
  expect(parsePlatform('linux/x86_64').architecture).toBe('amd64');
  expect(parsePlatform('{"os":"linux","architecture":"arm"}').architecture).toBe('arm');
  expect(() => parsePlatform('windows/amd64')).toThrow('is not supported');
  for (const wrong of ['linux/a/b/c', '/', 'linux/ä', '{', 'null'])
    expect(() => parsePlatform(wrong)).toThrow(expect.objectContaining({ kind: 'badParameter' }));
});
