/** An IPv4 network: its first address as a number, and how many bits of it are fixed. */
export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** Reads a dotted address; null when it is none. Leading zeros are refused: some programs read them as octal. */
export function parseAddress(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  let address = 0;
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return null;
    address = address * 256 + Number(part);
  }
  return address;
}

/** Writes an address as four numbers. */
export function formatAddress(address: number): string {
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.');
}

/** How many addresses a network has. */
export function sizeOf(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefix);
}

/** Reads `172.30.0.1/16`: the address, and the network it lies in. */
export function parseInterface(text: string): { address: number; subnet: Subnet } | null {
  const [dotted = '', bits = ''] = text.split('/');
  const address = parseAddress(dotted);
  if (address === null || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return null;
  const prefix = Number(bits);
  const size = 2 ** (32 - prefix);
  return { address, subnet: { base: address - (address % size), prefix } };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.base)}/${subnet.prefix}`;
}

export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.base && address < subnet.base + sizeOf(subnet);
}

export function overlap(first: Subnet, second: Subnet): boolean {
  return contains(first, second.base) || contains(second, first.base);
}

/** The hardware address that docker gives to an IPv4 address: 02:42 and its four bytes. */
export function macOf(address: number): string {
  const bytes = [0x02, 0x42, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Reads a hardware address in the form that the kernel shows; null when it is none. */
export function parseMac(text: string): string | null {
  return /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text) ? text.toLowerCase().replaceAll('-', ':') : null;
}
