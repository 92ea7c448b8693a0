import { describe, expect, it } from 'vitest';
import { describeBuildTime } from './build-time.ts';

describe('describeBuildTime', () => {
  it.each([
    ['2026-05-07T21:09:36.000000000+00:00', 'Thu May  7 21:09:36 2026'],
    ['2025-05-30T12:07:14+02:00', 'Fri May 30 12:07:14 2025'],
    ['Fri May 30 12:07:14 2025', 'Fri May 30 12:07:14 2025'],
    ['', ''],
  ])('%s', (text, shown) => {
    expect(describeBuildTime(text)).toBe(shown);
  });
});
