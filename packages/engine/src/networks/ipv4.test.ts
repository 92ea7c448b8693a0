import { describe, expect, it } from 'vitest';
import {
  contains,
  formatAddress,
  formatSubnet,
  macOf,
  overlap,
  parseAddress,
  parseInterface,
  parseMac,
  type Subnet,
} from './ipv4.ts';

function subnet(text: string): Subnet {
  const parsed = parseInterface(text);
  if (!parsed) throw new Error(text);
  return parsed.subnet;
}

describe('IPv4 addresses', () => {
  it.each(['0.0.0.0', '127.0.0.1', '172.30.255.254', '255.255.255.255'])('%s is read and written', (text) => {
    expect(formatAddress(parseAddress(text) ?? -1)).toBe(text);
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', '::1', '0x1.2.3.4'])(
    '%j is none',
    (text) => {
      expect(parseAddress(text)).toBeNull();
    },
  );

  it('lie in networks', () => {
    expect(formatSubnet(subnet('172.30.9.1/16'))).toBe('172.30.0.0/16');
    expect(contains(subnet('10.0.0.0/30'), parseAddress('10.0.0.3') ?? 0)).toBe(true);
    expect(contains(subnet('10.0.0.0/30'), parseAddress('10.0.0.4') ?? 0)).toBe(false);
    expect(contains(subnet('0.0.0.0/0'), parseAddress('255.255.255.255') ?? 0)).toBe(true);
    expect(overlap(subnet('10.0.0.0/8'), subnet('10.9.0.0/16'))).toBe(true);
    expect(overlap(subnet('10.9.0.0/16'), subnet('10.0.0.0/8'))).toBe(true);
    expect(overlap(subnet('10.8.0.0/16'), subnet('10.9.0.0/16'))).toBe(false);
  });

  it.each(['10.0.0.1', '10.0.0.1/33', '10.0.0.1/', '10.0.0/8', '10.0.0.1/1x'])(
    '%j is no interface',
    (text) => {
      expect(parseInterface(text)).toBeNull();
    },
  );

  it('have a hardware address', () => {
    expect(macOf(parseAddress('172.30.0.2') ?? 0)).toBe('02:42:ac:1e:00:02');
    expect(macOf(parseAddress('192.168.255.1') ?? 0)).toBe('02:42:c0:a8:ff:01');
    expect(parseMac('02-42-AC-11-00-02')).toBe('02:42:ac:11:00:02');
    expect(parseMac('02:42:ac:11:00')).toBeNull();
    expect(parseMac('02:42:ac:11:00:02 type vlan')).toBeNull();
  });
});
