import { describe, expect, it } from 'vitest';
import { toEngineTime } from './timestamps.ts';

const now = new Date('2025-06-15T12:00:00Z');
const offset = -now.getTimezoneOffset() * 60;
const local = (seconds: number) => String(seconds - offset);

describe('toEngineTime', () => {
  it.each([
    ['0', '0'],
    ['1700000000', '1700000000'],
    ['1700000000.5', '1700000000.5'],
    ['1m30s', '1749988710'],
    ['-10s', '1749988810'],
    ['10m', '1749988200'],
    ['2024-01-02T03:04:05Z', '1704164645.000000000'],
    ['2024-01-02T03:04:05.123456789Z', '1704164645.123456789'],
    ['2024-01-02T03:04:05+02:00', '1704157445.000000000'],
    ['2024-01-02T03:04:05.5-02:00', '1704171845.500000000'],
    ['2024-01-02T03:04Z', '1704164640.000000000'],
    ['2024-01-02T03:04+01:00', '1704161040.000000000'],
    ['2024-01-02T03Z', '1704164400.000000000'],
    ['2024-01-02Z', '1704153600.000000000'],
    ['2024-01-02+01:00', '1704150000.000000000'],
    ['2024-01-02', `${local(1704153600)}.000000000`],
    ['2024-01-02T03', `${local(1704164400)}.000000000`],
    ['2024-01-02T03:04', `${local(1704164640)}.000000000`],
    ['2024-01-02T03:04:05', `${local(1704164645)}.000000000`],
    ['2024-01-02T03:04:05.25', `${local(1704164645)}.250000000`],
  ])('%s is %s', (value, timestamp) => {
    expect(toEngineTime(value, now)).toBe(timestamp);
  });

  // Recorded from docker 28.2.2.
  it.each([
    ['foo', 'failed to parse value as time or duration: "foo"'],
    ['12:00', 'failed to parse value as time or duration: "12:00"'],
    ['1.2.3', 'failed to parse value as time or duration: "1.2.3"'],
    ['1e5', 'failed to parse value as time or duration: "1e5"'],
    ['2020-13-01', 'parsing time "2020-13-01": month out of range'],
    ['2020-02-30', 'parsing time "2020-02-30": day out of range'],
    ['2020-01-01Tx', 'parsing time "2020-01-01Tx" as "2006-01-02T15": cannot parse "x" as "15"'],
    ['x-y', 'parsing time "x-y" as "2006-01-02": cannot parse "x-y" as "2006"'],
    ['2020-1-1', 'parsing time "2020-1-1" as "2006-01-02": cannot parse "1-1" as "01"'],
    ['-5', 'parsing time "-5" as "2006-01-02": cannot parse "-5" as "2006"'],
  ])('refuses %s', (value, message) => {
    expect(() => toEngineTime(value, now)).toThrow(new Error(message));
  });
});
