import { describe, expect, it } from 'vitest';
import { formatSubnet, parseInterface, type Subnet } from './ipv4.ts';
import { chooseSubnet, defaultPools, parseRoutes } from './subnets.ts';

const routes = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
tun0	0500000A	00000000	0005	0	0	0	FFFFFFFF	0	0	0
`;

function subnet(text: string): Subnet {
  return parseInterface(text)?.subnet ?? { base: 0, prefix: 0 };
}

describe('the choice of a subnet', () => {
  it('reads what the kernel routes, but for the default route', () => {
    expect(parseRoutes(routes).map(formatSubnet)).toEqual(['172.17.0.0/16', '192.0.2.0/24', '10.0.0.5/32']);
    expect(parseRoutes('')).toEqual([]);
  });

  it('takes the first pool that meets nothing', () => {
    const choose = (...inUse: string[]) => {
      const chosen = chooseSubnet(inUse.map(subnet));
      return chosen && formatSubnet(chosen);
    };
    expect(choose()).toBe('172.30.0.0/16');
    expect(choose('172.30.7.0/24')).toBe('172.31.0.0/16');
    expect(choose('172.16.0.0/12')).toBe('192.168.240.0/20');
    expect(choose('172.16.0.0/12', '192.168.0.0/16')).toBeNull();
  });

  it('leaves the first of docker to docker as long as it can', () => {
    expect(defaultPools.map(formatSubnet).at(-1)).toBe('172.17.0.0/16');
    expect(new Set(defaultPools.map(formatSubnet)).size).toBe(31);
  });
});
