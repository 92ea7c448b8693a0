import { describe, expect, it } from 'vitest';
import { parseBytes, parseDuration, splitPair } from './values.ts';

describe('parseBytes', () => {
  it.each([
    ['512', 512],
    ['64m', 64 * 1024 ** 2],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['1kb', 1024],
    ['1 KB', 1024],
    ['7b', 7],
    ['.5k', 512],
    ['2t', 2 * 1024 ** 4],
  ])('reads %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each([
    ['foo', "invalid size: 'foo'"],
    ['', "invalid size: ''"],
    ['-1', "invalid size: '-1'"],
    ['0x10', 'strconv.ParseFloat: parsing "0x10": invalid syntax'],
    ['1kx', "invalid suffix: 'kx'"],
    ['1ib', "invalid suffix: 'ib'"],
    ['1ki', "invalid suffix: 'ki'"],
    ['1kibs', "invalid suffix: 'kibs'"],
  ])('refuses "%s"', (text, message) => {
    expect(() => parseBytes(text)).toThrow(message);
  });
});

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['1m30s', 90e9],
    ['-1.5h', -5400e9],
    ['100ms', 1e8],
    ['3µs', 3e3],
    ['1h0.5m', 3630e9],
  ])('reads %s', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });

  it.each([
    ['foo', 'time: invalid duration "foo"'],
    ['', 'time: invalid duration ""'],
    ['5', 'time: missing unit in duration "5"'],
    ['5d', 'time: unknown unit "d" in duration "5d"'],
  ])('refuses "%s"', (text, message) => {
    expect(() => parseDuration(text)).toThrow(message);
  });
});

describe('splitPair', () => {
  it.each([
    ['a=b=c', ['a', 'b=c']],
    ['a', ['a', '']],
    ['=b', ['', 'b']],
  ])('splits %s', (text, pair) => {
    expect(splitPair(text)).toEqual(pair);
  });
});
