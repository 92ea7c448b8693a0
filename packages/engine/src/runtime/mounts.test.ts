import { describe, expect, it } from 'vitest';
import { mergeTmpfsOptions, rootPropagation } from './mounts.ts';

describe('options of a tmpfs', () => {
  it.each([
    ['', ['noexec', 'nosuid', 'nodev', 'rprivate']],
    ['size=64m,mode=1777', ['noexec', 'nosuid', 'nodev', 'rprivate', 'size=64m', 'mode=1777']],
    ['exec', ['nosuid', 'nodev', 'rprivate', 'exec']],
    ['size=1m,size=2m', ['noexec', 'nosuid', 'nodev', 'rprivate', 'size=2m']],
  ])('%j', (wanted, expected) => {
    expect(mergeTmpfsOptions(wanted)).toEqual(expected);
  });

  it.each(['foo', 'size', 'lowerdir=/'])('refuse %j', (wanted) => {
    expect(() => mergeTmpfsOptions(wanted)).toThrow('invalid tmpfs option');
  });
});

describe('rootPropagation', () => {
  const mount = (propagation: string) => ({
    type: 'bind' as const,
    source: '/a',
    destination: '/b',
    readOnly: false,
    propagation,
  });

  it('follows the mount that needs most', () => {
    expect(rootPropagation([mount('rprivate')])).toBeUndefined();
    expect(rootPropagation([mount('slave')])).toBe('rslave');
    expect(rootPropagation([mount('rslave'), mount('rshared')])).toBe('shared');
  });
});
