import { expect, test } from 'vitest';
import { completeLogConfig, readLogConfig } from './limits.ts';

const read = (Type: string, Config: Record<string, string>) => readLogConfig({ Type, Config });

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
  ['zz', {}, 'error looking up logging plugin zz: plugin "zz" not found'],
])('%s with %o is refused', (driver, options, message) => {
  expect(() => read(driver, options as Record<string, string>)).toThrow(message);
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
