import { describe, expect, it } from 'vitest';
import {
  contains6,
  formatAddress6,
  formatSubnet6,
  overlap6,
  parseAddress6,
  parseInterface6,
} from './ipv6.ts';

describe('IPv6 addresses', () => {
  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['FD00:0:0:0:0:0:0:0A', 'fd00::a'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['fe80::', 'fe80::'],
  ])('%s is written %s', (text, form) => {
    expect(formatAddress6(parseAddress6(text) ?? -1n)).toBe(form);
  });

  it('are told from what is none', () => {
    for (const text of ['', '10.0.0.1', 'fe80::1%eth0', '1::2::3', 'x']) {
      expect(parseAddress6(text)).toBeNull();
    }
  });

  it('lie in networks', () => {
    const { subnet } = parseInterface6('fd00:1::5/64') ?? { subnet: { base: 0n, prefix: 0 } };
    expect(formatSubnet6(subnet)).toBe('fd00:1::/64');
    expect(contains6(subnet, parseAddress6('fd00:1::ffff') ?? 0n)).toBe(true);
    expect(contains6(subnet, parseAddress6('fd00:1:0:1::') ?? 0n)).toBe(false);
    expect(overlap6(subnet, { base: subnet.base, prefix: 48 })).toBe(true);
    expect(parseInterface6('fd00::/129')).toBeNull();
    expect(parseInterface6('fd00::')).toBeNull();
  });
});
