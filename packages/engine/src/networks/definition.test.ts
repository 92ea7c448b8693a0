import { type NetworkCreateBody, networkCreateBody, zero } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { defineNetwork, type Surroundings } from './definition.ts';
import { parseInterface } from './ipv4.ts';
import { defaultPools, poolsOf } from './subnets.ts';

const around: Surroundings = { engineId: 'engine', networks: [], inUse: [], pools: defaultPools };

function define(body: Partial<NetworkCreateBody>, surroundings: Partial<Surroundings> = {}) {
  return defineNetwork({ ...zero(networkCreateBody), Name: 'new', ...body }, { ...around, ...surroundings });
}

const ipam = (...configs: Partial<{ Subnet: string; IPRange: string; Gateway: string }>[]) => ({
  IPAM: {
    Driver: '',
    Options: null,
    Config: configs.map((config) => ({
      ...{ Subnet: '', IPRange: '', Gateway: '', AuxiliaryAddresses: null },
      ...config,
    })),
  },
});

const modeOption = 'com.docker.network.bridge.gateway_mode_ipv';

describe('a new network', () => {
  it('has addresses that nothing else has, and a bridge named after it', () => {
    const first = define({});
    expect(first).toMatchObject({
      driver: 'bridge',
      subnet: '172.30.0.0/16',
      gateway: '172.30.0.1',
      subnet6: '',
    });
    expect(first.bridge).toBe(`br-${first.id.slice(0, 12)}`);
    const used = parseInterface('172.31.5.0/24')?.subnet;
    const second = define({ Name: 'other' }, { networks: [first], inUse: used ? [used] : [] });
    expect(second.subnet).toBe('172.29.0.0/16');
    const pools = poolsOf([{ base: '10.9.0.0/23', size: 24 }]);
    expect(define({}, { pools }).subnet).toBe('10.9.0.0/24');
  });

  it('has a part of the unique local addresses of its engine for IPv6', () => {
    const first = define({ EnableIPv6: true });
    expect(first.subnet6).toMatch(/^fd[0-9a-f:]+::\/64$/);
    expect(first.gateway6).toBe(first.subnet6.replace('/64', '1'));
    expect(define({ Name: 'other', EnableIPv6: true }, { networks: [first] }).subnet6).not.toBe(
      first.subnet6,
    );
    expect(
      define({ EnableIPv6: true, ...ipam({ Subnet: 'fd00:7::/64', Gateway: 'fd00:7::99' }) }),
    ).toMatchObject({
      subnet: '172.30.0.0/16',
      subnet6: 'fd00:7::/64',
      gateway6: 'fd00:7::99',
    });
    expect(define({ EnableIPv4: false, EnableIPv6: true })).toMatchObject({ subnet: '', gateway: '' });
  });

  it.each([
    [{ Name: '' }, 'name is empty'],
    [{ Name: '../x' }, 'invalid network name'],
    [{ Name: 'none' }, 'not permitted on predefined none network'],
    [{ Driver: 'nosuch' }, 'plugin "nosuch" not found'],
    [{ Driver: 'host' }, 'only one instance of "host" network is allowed'],
    [{ Driver: 'ipvlan' }, 'name it with -o parent='],
    [{ Driver: 'macvlan' }, 'name it with -o parent='],
    [{ Driver: 'macvlan', Options: { parent: 'lo' } }, 'loopback interface is not a valid macvlan parent'],
    [{ Driver: 'macvlan', Options: { parent: '-x' } }, 'invalid parent interface'],
    [{ Driver: 'macvlan', Options: { parent: 'a', macvlan_mode: 'b' } }, "macvlan mode 'b' is not valid"],
    [
      { Driver: 'ipvlan', Options: { parent: 'a', ipvlan_mode: 'l4' } },
      "ipvlan mode 'l4' is not valid, 'l2' mode",
    ],
    [
      { Driver: 'ipvlan', Options: { parent: 'a', ipvlan_flag: 'no' } },
      "ipvlan flag 'no' is not valid, 'bridge'",
    ],
    [
      { Options: { [`${modeOption}4`]: 'open' } },
      `failed to parse ${modeOption}4 value: open (unknown gateway`,
    ],
    [{ Options: { [`${modeOption}6`]: 'isolated' } }, 'can only be used for an internal network'],
    [{ EnableIPv4: false }, 'IPv4 or IPv6 must be enabled'],
    [ipam({ Subnet: '10.0.0.0/24' }, { Subnet: '10.1.0.0/24' }), "doesn't support multiple subnets"],
    [ipam({ Subnet: 'x' }), 'Invalid subnet x : invalid CIDR address: x'],
    [ipam({ Subnet: '10.0.0.0/24', Gateway: '10.0.1.1' }), 'invalid gateway address 10.0.1.1'],
    [ipam({ Subnet: '10.0.0.0/24', IPRange: '10.0.0.0/16' }), 'invalid ip-range 10.0.0.0/16'],
    [{ Options: { 'com.docker.network.bridge.enable_icc': 'maybe' } }, 'parsing "maybe": invalid syntax'],
    [{ Options: { 'com.docker.network.bridge.name': 'a b; drop' } }, 'invalid name of a bridge'],
    [{ Options: { 'com.docker.network.container_iface_prefix': 'a b' } }, 'invalid prefix of a device'],
    [{ Options: { 'com.docker.network.driver.mtu': '1;2' } }, 'invalid MTU'],
  ])('cannot be %j', (body, reason) => {
    expect(() => define(body as Partial<NetworkCreateBody>)).toThrow(reason);
  });
});
