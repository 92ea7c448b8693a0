import { describe, expect, it } from 'vitest';
import {
  checkDeviceRule,
  parseCpus,
  parseDevice,
  parseDeviceOperations,
  parseDeviceRate,
  parseDeviceWeight,
  parseSwap,
  parseUlimit,
} from './resources.ts';

describe('parseCpus', () => {
  it.each([
    ['1.5', 1_500_000_000],
    ['.5', 500_000_000],
    ['1/2', 500_000_000],
    ['2', 2_000_000_000],
  ])('reads %s', (text, nano) => {
    expect(parseCpus(text)).toBe(nano);
  });

  it.each([
    ['foo', 'failed to parse foo as a rational number'],
    ['0.0000000001', 'value is too precise'],
    ['1/3', 'value is too precise'],
  ])('refuses %s', (text, message) => {
    expect(() => parseCpus(text)).toThrow(message);
  });
});

describe('parseUlimit', () => {
  it.each([
    ['nofile=1024', { Name: 'nofile', Soft: 1024, Hard: 1024 }],
    ['nofile=64:128', { Name: 'nofile', Soft: 64, Hard: 128 }],
    ['nofile=5:-1', { Name: 'nofile', Soft: 5, Hard: -1 }],
    ['core=-1', { Name: 'core', Soft: -1, Hard: -1 }],
  ])('reads %s', (text, limit) => {
    expect(parseUlimit(text)).toEqual(limit);
  });

  it.each([
    ['foo', 'invalid ulimit argument: foo'],
    ['x=1', 'invalid ulimit type: x'],
    ['nofile=a', 'strconv.ParseInt: parsing "a": invalid syntax'],
    ['nofile=10:5', 'ulimit soft limit must be less than or equal to hard limit: 10 > 5'],
    ['nofile=1:2:3', 'too many limit value arguments - 1:2:3, can only have up to two, `soft[:hard]`'],
  ])('refuses %s', (text, message) => {
    expect(() => parseUlimit(text)).toThrow(message);
  });
});

describe('limits of devices', () => {
  it('reads rates, operations and weights', () => {
    expect(parseDeviceRate('/dev/sda:1mb')).toEqual({ Path: '/dev/sda', Rate: 1024 ** 2 });
    expect(parseDeviceOperations('/dev/sda:100')).toEqual({ Path: '/dev/sda', Rate: 100 });
    expect(parseDeviceWeight('/dev/sda:10')).toEqual({ Path: '/dev/sda', Weight: 10 });
  });

  it.each([
    [() => parseDeviceRate('foo'), 'bad format: foo'],
    [() => parseDeviceRate('foo:1'), 'bad format for device path: foo:1'],
    [() => parseDeviceRate('/dev/x:a'), 'invalid rate for device: /dev/x:a. The correct format is'],
    [() => parseDeviceOperations('/dev/x:1m'), 'invalid rate for device: /dev/x:1m. The correct format is'],
    [() => parseDeviceWeight('/dev/x:5'), 'invalid weight for device: /dev/x:5'],
  ])('refuses %#', (read, message) => {
    expect(read).toThrow(message);
  });
});

describe('parseDevice', () => {
  it.each([
    ['/dev/null', ['/dev/null', '/dev/null', 'rwm']],
    ['/dev/null:rw', ['/dev/null', '/dev/null', 'rw']],
    ['/dev/null:/dev/x', ['/dev/null', '/dev/x', 'rwm']],
    ['/dev/null:/dev/x:r', ['/dev/null', '/dev/x', 'r']],
  ])('reads %s', (text, [host, inside, permissions]) => {
    expect(parseDevice(text)).toEqual({
      PathOnHost: host,
      PathInContainer: inside,
      CgroupPermissions: permissions,
    });
  });

  it.each([
    ['foo', 'foo is not an absolute path'],
    ['/dev/null:a:b:c', 'bad format for path: /dev/null:a:b:c'],
    ['/dev/null:/dev/x:z', 'bad mode specified: z'],
    [':/x', 'bad format for path: :/x'],
  ])('refuses %s', (text, message) => {
    expect(() => parseDevice(text)).toThrow(message);
  });
});

it('parseSwap takes -1 for no limit', () => {
  expect(parseSwap('-1')).toBe(-1);
  expect(parseSwap('1k')).toBe(1024);
  expect(() => parseSwap('-2')).toThrow("invalid size: '-2'");
});

it('checkDeviceRule knows rules of cgroups', () => {
  expect(checkDeviceRule('c 1:* rwm')).toBe('c 1:* rwm');
  expect(() => checkDeviceRule('x 1:3 r')).toThrow("invalid device cgroup format 'x 1:3 r'");
});
