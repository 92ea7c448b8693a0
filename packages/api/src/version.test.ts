import { describe, expect, it } from 'vitest';
import { compareVersions, isVersion, negotiateVersion } from './version.ts';

describe('API versions', () => {
  it('are compared by number', () => {
    expect(compareVersions('1.9', '1.24')).toBeLessThan(0);
    expect(compareVersions('1.51', '1.51')).toBe(0);
    expect(compareVersions('2.0', '1.51')).toBeGreaterThan(0);
  });

  it.each([
    ['1.41', '1.41'],
    ['1.99', '1.51'],
    [undefined, '1.24'],
    ['nonsense', '1.24'],
  ])('with a server of %s become %s', (server, expected) => {
    expect(negotiateVersion(server)).toBe(expected);
  });

  it('are two numbers', () => {
    expect(isVersion('1.41')).toBe(true);
    expect(isVersion('v1.41')).toBe(false);
    expect(isVersion('1')).toBe(false);
  });
});
