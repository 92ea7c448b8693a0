import { describe, expect, it } from 'vitest';
import type { RecordedHealth } from '../state/containers.ts';
import { recordOf } from './fixture.ts';
import { addResult, describeTimeout, nextProbe, probeOf } from './health.ts';

const startedAt = '2026-11-25T07:00:00Z';
const recordWith = (Healthcheck: object, health?: RecordedHealth) =>
  recordOf({ config: { Healthcheck }, state: { startedAt, ...(health && { health }) } });
const starting: RecordedHealth = { status: 'starting', failingStreak: 0, log: [] };
const result = (ExitCode: number, time = '07:00:01') => ({
  ...{ Start: `2026-11-25T${time}Z`, End: `2026-11-25T${time}Z` },
  ...{ ExitCode, Output: '' },
});

describe('probeOf', () => {
  it('knows commands, shells and none', () => {
    expect(probeOf(recordWith({ Test: ['CMD', 'a', 'b'] }).config)).toEqual(['a', 'b']);
    expect(probeOf(recordWith({ Test: ['CMD-SHELL', 'a b'] }).config)).toEqual(['/bin/sh', '-c', 'a b']);
    expect(probeOf(recordWith({ Test: ['NONE'] }).config)).toBeNull();
    expect(probeOf(recordWith({ Test: ['ODD', 'a'] }).config)).toBeNull();
    expect(probeOf(recordOf({}).config)).toBeNull();
  });
});

describe('addResult', () => {
  it('is unhealthy after as many failures as are allowed, and healthy after one success', () => {
    let health = starting;
    for (const streak of [1, 2]) {
      health = addResult(recordWith({ Retries: 2 }, health), result(1));
      expect(health).toMatchObject({
        failingStreak: streak,
        status: streak === 2 ? 'unhealthy' : 'starting',
      });
    }
    expect(addResult(recordWith({}, health), result(0))).toMatchObject({
      status: 'healthy',
      failingStreak: 0,
    });
  });

  it('forgives while the container starts', () => {
    const config = { Retries: 1, StartPeriod: 5e9 };
    expect(addResult(recordWith(config, starting), result(1))).toMatchObject({
      status: 'starting',
      failingStreak: 0,
    });
    expect(addResult(recordWith(config, starting), result(1, '07:00:06')).status).toBe('unhealthy');
  });

  it('keeps five results', () => {
    const log = [1, 2, 3, 4, 5].map((code) => result(code));
    const { log: kept } = addResult(recordWith({}, { ...starting, log }), result(0));
    expect(kept.map(({ ExitCode }) => ExitCode)).toEqual([2, 3, 4, 5, 0]);
  });
});

describe('nextProbe', () => {
  const at = (seconds: number) => BigInt(Date.parse(startedAt) + seconds * 1000) * 1_000_000n;

  it('comes more often while the container starts', () => {
    const record = recordWith({ StartPeriod: 5e9, StartInterval: 1e9, Interval: 9e9 }, starting);
    expect([nextProbe(record, at(1)), nextProbe(record, at(6))]).toEqual([1000, 9000]);
    expect(nextProbe(recordWith({}, starting), at(1))).toBe(30_000);
  });
});

describe('describeTimeout', () => {
  it('writes durations as Go does', () => {
    expect([2e8, 1e9, 1.5e9, 90e9, 3600e9].map(describeTimeout)).toEqual([
      '200ms',
      '1s',
      '1.5s',
      '1m30s',
      '1h0m0s',
    ]);
  });
});
