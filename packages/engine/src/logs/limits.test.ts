import { expect, test } from 'vitest';
import { bufferOf, checkLogConfig, completeLogConfig, isReadable, limitsOf } from './limits.ts';

const read = (Type: string, Config: Record<string, string>) => {
  checkLogConfig({ Type, Config });
  return limitsOf({ Type, Config });
};

test('a log without a size is kept whole, the local one has limits of its own', () => {
  expect(read('', {})).toBeNull();
  expect(read('json-file', { 'max-file': '3', mode: 'blocking' })).toBeNull();
  expect(read('none', {})).toBeNull();
  expect(read('local', {})).toEqual({ maxSize: 20 * 1024 * 1024, maxFiles: 5, compress: true });
  expect(read('local', { compress: 'false', 'max-file': '1' })).toMatchObject({
    maxFiles: 1,
    compress: false,
  });
});

test.each([
  ['10', 10],
  ['10k', 10_000],
  ['1.5m', 1_500_000],
  ['10 kb', 10_000],
  ['2GB', 2e9],
  ['1KiB', 1000],
])('a size of %s is %d bytes', (size, maxSize) => {
  expect(read('json-file', { 'max-size': size })).toEqual({ maxSize, maxFiles: 1, compress: false });
});

test.each([
  ['json-file', { 'max-size': 'abc' }, "failed to initialize logging driver: invalid size: 'abc'"],
  ['json-file', { 'max-size': '' }, "failed to initialize logging driver: invalid size: ''"],
  ['json-file', { 'max-size': '-1' }, "failed to initialize logging driver: invalid size: '-1'"],
  ['json-file', { 'max-size': '10x' }, "failed to initialize logging driver: invalid size: '10x'"],
  [
    'json-file',
    { 'max-size': '0' },
    'failed to initialize logging driver: max-size must be a positive number',
  ],
  ['json-file', { 'max-file': '0' }, 'failed to initialize logging driver: max-file cannot be less than 1'],
  [
    'json-file',
    { 'max-file': 'abc' },
    'failed to initialize logging driver: strconv.Atoi: parsing "abc": invalid syntax',
  ],
  [
    'json-file',
    { compress: 'maybe' },
    'failed to initialize logging driver: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
  [
    'json-file',
    { compress: 'true', 'max-size': '1m' },
    'failed to initialize logging driver: compress cannot be true when max-file is less than 2 or max-size is not set',
  ],
  [
    'local',
    { 'max-size': 'abc' },
    "failed to initialize logging driver: invalid value for max-size: abc: invalid size: 'abc'",
  ],
  [
    'local',
    { 'max-file': '1' },
    'failed to initialize logging driver: compression cannot be enabled when max file count is 1',
  ],
  ['local', { labels: 'a' }, "unknown log opt 'labels' for log driver local"],
  ['json-file', { foo: 'a' }, "unknown log opt 'foo' for json-file log driver"],
  ['json-file', { mode: 'zz' }, 'logger: logging mode not supported: zz'],
  [
    'json-file',
    { 'max-buffer-size': '1m' },
    "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
  ],
  [
    'json-file',
    { mode: 'non-blocking', 'max-buffer-size': 'foo' },
    "error parsing option max-buffer-size: invalid size: 'foo'",
  ],
  ['syslog', { 'max-size': '1m' }, "unknown log opt 'max-size' for syslog log driver"],
  ['journald', { foo: 'a' }, "unknown log opt 'foo' for journald log driver"],
  ['syslog', { 'syslog-facility': '24' }, 'invalid syslog facility'],
  ['syslog', { 'syslog-format': 'x' }, 'Invalid syslog format'],
  ['syslog', { 'syslog-address': 'foo' }, 'syslog-address should be in form proto://address, got foo'],
  ['syslog', { 'syslog-address': 'unix:///nope/x' }, 'stat /nope/x: no such file or directory'],
  ['zz', {}, 'error looking up logging plugin zz: plugin "zz" not found'],
])('%s with %o is refused', (driver, options, message) => {
  expect(() => read(driver, options as Record<string, string>)).toThrow(message);
});

test('a log that is sent elsewhere is kept here as a local one', () => {
  const limits = { maxSize: 20 * 1024 * 1024, maxFiles: 5, compress: true };
  expect(read('syslog', { tag: 'x', 'syslog-address': 'udp://localhost' })).toEqual(limits);
  expect(read('journald', { 'cache-max-size': '1k', 'cache-max-file': '2' })).toEqual({
    ...{ maxSize: 1024, maxFiles: 2, compress: true },
  });
  expect(isReadable({ Type: 'syslog', Config: {} })).toBe(true);
  expect(isReadable({ Type: 'syslog', Config: { 'cache-disabled': 'true' } })).toBe(false);
  expect(isReadable({ Type: 'none', Config: {} })).toBe(false);
});

test('a buffer is of a MiB where nothing is said of it', () => {
  expect(bufferOf({ Type: 'syslog', Config: {} })).toBeNull();
  expect(bufferOf({ Type: 'syslog', Config: { mode: 'non-blocking' } })).toBe(1024 ** 2);
  expect(bufferOf({ Type: '', Config: { mode: 'non-blocking', 'max-buffer-size': '4k' } })).toBe(4096);
});

test('options of the engine are for containers with its driver', () => {
  const standard = { Type: 'local', Config: { 'max-size': '1m', 'max-file': '2' } };
  expect(completeLogConfig({ Type: '', Config: null }, standard)).toEqual(standard);
  expect(completeLogConfig({ Type: 'local', Config: { 'max-file': '9' } }, standard).Config).toEqual({
    'max-size': '1m',
    'max-file': '9',
  });
  expect(completeLogConfig({ Type: 'json-file', Config: null }, standard)).toEqual({
    Type: 'json-file',
    Config: {},
  });
});
