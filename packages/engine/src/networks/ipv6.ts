import { isIPv6 } from 'node:net';

/** An IPv6 network: its first address, and how many bits of it are fixed. */
export interface Subnet6 {
  readonly base: bigint;
  readonly prefix: number;
}

/** Reads an IPv6 address without a zone; null when it is none. */
export function parseAddress6(text: string): bigint | null {
  if (!isIPv6(text) || text.includes('%')) return null;
  // An address of IPv4 at the end stands for two groups.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((part) => part.toString(16)).join(':'),
  );
  const [head = '', tail] = plain.split('::');
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const [front, back] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...zeros, ...back].reduce(
    (address, group) => (address << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

/** Writes an address in the one form of RFC 5952: small letters, the longest run of zeros left out. */
export function formatAddress6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((address >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  const runs = [
    ...groups
      .map((group) => (group === '0' ? '0' : '-'))
      .join('')
      .matchAll(/0{2,}/g),
  ];
  const [longest] = runs.sort((a, b) => b[0].length - a[0].length || a.index - b.index);
  if (!longest) return groups.join(':');
  const after = groups.slice(longest.index + longest[0].length);
  return `${groups.slice(0, longest.index).join(':')}::${after.join(':')}`;
}

/** Reads `fd00::1/64`: the address, and the network it lies in. */
export function parseInterface6(text: string): { address: bigint; subnet: Subnet6 } | null {
  const [written = '', bits = '', ...rest] = text.split('/');
  const address = parseAddress6(written);
  if (address === null || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > 128) return null;
  const prefix = Number(bits);
  return { address, subnet: { base: address - (address % sizeOf6({ prefix })), prefix } };
}

export function formatSubnet6({ base, prefix }: Subnet6): string {
  return `${formatAddress6(base)}/${prefix}`;
}

/** How many addresses a network has. */
export function sizeOf6({ prefix }: Pick<Subnet6, 'prefix'>): bigint {
  return 1n << BigInt(128 - prefix);
}

export function contains6(subnet: Subnet6, address: bigint): boolean {
  return address >= subnet.base && address < subnet.base + sizeOf6(subnet);
}

export function overlap6(first: Subnet6, second: Subnet6): boolean {
  return contains6(first, second.base) || contains6(second, first.base);
}
