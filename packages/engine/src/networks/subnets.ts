import { overlap, parseAddress, parseInterface, type Subnet } from './ipv4.ts';

/**
 * Where networks get their addresses when nobody names any: docker's own pools, begun at the other end, so that
 * a docker that is installed later still finds its favourite free.
 */
export const defaultPools: readonly Subnet[] = [
  ...[30, 31, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18].map((second) => subnet(172, second, 0, 16)),
  ...Array.from({ length: 16 }, (_, index) => subnet(192, 168, 240 - index * 16, 20)),
  subnet(172, 17, 0, 16),
];

function subnet(first: number, second: number, third: number, prefix: number): Subnet {
  return { base: ((first * 256 + second) * 256 + third) * 256, prefix };
}

/** A part of the address space, and how large the networks are that are cut out of it. */
export interface AddressPool {
  /** As in `10.10.0.0/16`. */
  base: string;
  /** Bits that are fixed in each network. */
  size: number;
}

/** So many networks of one pool are looked at. */
const mostPools = 65_536;

/** The networks that pools hold, in order. Pools of IPv6 are not looked at. */
export function poolsOf(pools: readonly AddressPool[]): Subnet[] {
  return pools.flatMap(({ base, size }) => {
    const whole = parseInterface(base)?.subnet;
    if (!whole || size < whole.prefix) return [];
    const count = Math.min(2 ** (size - whole.prefix), mostPools);
    return Array.from({ length: count }, (_, index) => ({
      base: whole.base + index * 2 ** (32 - size),
      prefix: size,
    }));
  });
}

/** The first pool that meets nothing that is in use; null when all do. */
export function chooseSubnet(inUse: readonly Subnet[], pools = defaultPools): Subnet | null {
  return pools.find((pool) => !inUse.some((other) => overlap(pool, other))) ?? null;
}

/** The destinations in the text of /proc/net/route, without the default route, which is everywhere. */
export function parseRoutes(text: string): Subnet[] {
  const routes: Subnet[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [, destination = '', , , , , , mask = ''] = line.trim().split(/\s+/);
    if (!/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask)) continue;
    const prefix = 32 - Math.log2(2 ** 32 - hostOrder(mask));
    if (prefix > 0) routes.push({ base: hostOrder(destination), prefix: Math.ceil(prefix) });
  }
  return routes;
}

/** The kernel prints addresses as the machine's number of four bytes in network order. */
function hostOrder(hex: string): number {
  const bytes = new Uint8Array(new Uint32Array([Number.parseInt(hex, 16)]).buffer);
  return parseAddress(bytes.join('.')) ?? 0;
}
