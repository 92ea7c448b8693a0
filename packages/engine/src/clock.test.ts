import { afterEach, describe, expect, it, vi } from 'vitest';
import { now } from './clock.ts';

afterEach(() => vi.restoreAllMocks());

/** What the clock says when the machine's two clocks say this, in milliseconds. */
function at(wall: number, ticks: number): number {
  vi.spyOn(Date, 'now').mockReturnValue(wall);
  vi.spyOn(process.hrtime, 'bigint').mockReturnValue(BigInt(Math.round(ticks * 1e6)));
  return Number(now() - 1_000_000_000_000_000n) / 1e6;
}

describe('the clock', () => {
  it('is finer than a millisecond, and never in a later one than the machine says', () => {
    expect(at(1_000_000_000, 5)).toBe(0);
    expect(at(1_000_000_000, 5.25)).toBe(0.25);
    expect(at(1_000_000_000, 6.5)).toBe(0.999999);
    expect(at(1_000_000_001, 6.5)).toBe(1.5);
  });

  it('is set anew when the machine was', () => {
    at(1_000_000_000, 5);
    expect(at(1_000_003_600, 6)).toBe(3600);
    expect(at(1_000_000_100, 7)).toBe(100);
  });
});
