import { createHash, randomBytes } from 'node:crypto';
import type { IpamConfig, NetworkCreateBody } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { NetworkRecord, NetworkWishes } from '../state/networks.ts';
import {
  contains,
  formatAddress,
  formatSubnet,
  overlap,
  parseAddress,
  parseInterface,
  type Subnet,
} from './ipv4.ts';
import {
  contains6,
  formatAddress6,
  formatSubnet6,
  overlap6,
  parseAddress6,
  parseInterface6,
  type Subnet6,
} from './ipv6.ts';
import { bridgeName, checkOptions, gatewayMode } from './options.ts';
import { checkParent, isParentDriver, isRouted, type ParentDriver, parentOf } from './parents.ts';
import { chooseSubnet } from './subnets.ts';

/** What a new network must not meet. */
export interface Surroundings {
  engineId: string;
  networks: readonly NetworkRecord[];
  /** What the machine itself uses, which only matters to networks that name no addresses. */
  inUse: readonly Subnet[];
  pools: readonly Subnet[];
}

const predefined = ['bridge', 'host', 'none', 'default'];

/** Makes the record of a network from what was asked for. Throws in dockerd's words what cannot be. */
export function defineNetwork(body: NetworkCreateBody, around: Surroundings): NetworkRecord {
  const driver = checkBody(body, around);
  const wishes = wishesOf(body);
  if (isParentDriver(driver)) checkParent(driver, wishes.options, around.networks);
  else checkOptions(wishes.options, wishes.internal);
  const id = randomBytes(32).toString('hex');
  const chosen = chooseAddresses(driver, wishes, around);
  return {
    id,
    name: body.Name,
    driver,
    created: new Date().toISOString(),
    bridge: driver === 'bridge' ? bridgeName(wishes.options) || `br-${id.slice(0, 12)}` : '',
    ...chosen,
    wishes,
  };
}

function checkBody(body: NetworkCreateBody, { networks }: Surroundings): 'bridge' | ParentDriver {
  const { Name, Driver, Ingress, ConfigOnly, ConfigFrom, Scope } = body;
  if (Name.trim() === '') refuse('invalid network name: name is empty');
  if (!/^[A-Za-z0-9][\w .-]{0,254}$/.test(Name)) {
    refuse(`invalid network name: ${JSON.stringify(Name)}: use letters, digits, "_", "." and "-"`);
  }
  if (predefined.includes(Name)) {
    throw new EngineError('forbidden', `operation is not permitted on predefined ${Name} network`);
  }
  if (networks.some(({ name }) => name === Name)) {
    throw new EngineError('conflict', `network with name ${Name} already exists`);
  }
  if (ConfigOnly || ConfigFrom?.Network)
    refuse('configurations of networks are for a Swarm, which davit has none of');
  if (Ingress || Scope === 'swarm' || Driver === 'overlay') {
    throw new EngineError('forbidden', 'This node is not a swarm manager: networks of a Swarm need one');
  }
  if (Driver === 'host' || Driver === 'null') {
    throw new EngineError('forbidden', `only one instance of "${Driver}" network is allowed`);
  }
  if (Driver !== '' && !isParentDriver(Driver) && Driver !== 'bridge' && Driver !== 'default') {
    throw new EngineError('notFound', `plugin ${JSON.stringify(Driver)} not found`);
  }
  const ipamDriver = body.IPAM?.Driver ?? '';
  if (ipamDriver !== '' && ipamDriver !== 'default') {
    throw new EngineError('notFound', `plugin ${JSON.stringify(ipamDriver)} not found`);
  }
  return isParentDriver(Driver) ? Driver : 'bridge';
}

function wishesOf(body: NetworkCreateBody): NetworkWishes {
  const options = body.Options ?? {};
  const old = options['com.docker.network.enable_ipv6'];
  const wishes = {
    internal: body.Internal,
    attachable: body.Attachable,
    enableIPv4: body.EnableIPv4 ?? true,
    enableIPv6: body.EnableIPv6 ?? old === 'true',
    options,
    labels: body.Labels ?? {},
    ipamOptions: body.IPAM?.Options ?? {},
    ipam: body.IPAM?.Config ?? [],
  };
  if (!wishes.enableIPv4 && !wishes.enableIPv6) refuse('IPv4 or IPv6 must be enabled');
  return wishes;
}

function chooseAddresses(driver: NetworkRecord['driver'], wishes: NetworkWishes, around: Surroundings) {
  const configs4 = wishes.ipam.filter(({ Subnet }) => !Subnet.includes(':'));
  const configs6 = wishes.ipam.filter(({ Subnet }) => Subnet.includes(':'));
  if (configs4.length > 1 || configs6.length > 1) {
    throw new EngineError('forbidden', "bridge driver doesn't support multiple subnets");
  }
  const [first4, first6] = [configs4[0], configs6[0]];
  const routed = isRouted(parentOf({ driver, wishes }));
  const hasNone = (family: 'ip' | 'ip6') =>
    routed || (driver === 'bridge' && gatewayMode(wishes.options, family) === 'isolated');
  return {
    ...{ subnet: '', gateway: '', subnet6: '', gateway6: '' },
    ...(wishes.enableIPv4 && choose4(first4, around)),
    ...(wishes.enableIPv6 && choose6(first6, around)),
    // The host has no address on an isolated bridge, and no neighbour is asked for on a device that routes.
    ...(hasNone('ip') && { gateway: '' }),
    ...(hasNone('ip6') && { gateway6: '' }),
  };
}

function choose4(config: IpamConfig | undefined, { networks, inUse, pools }: Surroundings) {
  const others = networks.flatMap(({ subnet }) => parseInterface(subnet)?.subnet ?? []);
  if (!config || config.Subnet === '') {
    if (config && (config.Gateway || config.IPRange))
      refuse('every ip-range or gateway must have a corresponding subnet');
    const subnet = chooseSubnet([...inUse, ...others], pools);
    if (!subnet) {
      throw new EngineError('internal', 'all predefined address pools have been fully subnetted');
    }
    return { subnet: formatSubnet(subnet), gateway: formatAddress(subnet.base + 1) };
  }
  const subnet = parseInterface(config.Subnet)?.subnet ?? invalidSubnet(config.Subnet);
  if (subnet.prefix > 30 || subnet.prefix < 8)
    refuse(`invalid subnet ${config.Subnet}: too small or too large for a network`);
  if (others.some((other) => overlap(other, subnet))) overlaps();
  const range = config.IPRange === '' ? subnet : parseInterface(config.IPRange)?.subnet;
  if (!range || range.prefix < subnet.prefix || !contains(subnet, range.base)) {
    return refuse(
      `invalid network config: invalid ip-range ${config.IPRange}: it is no part of ${config.Subnet}`,
    );
  }
  const inside = (text: string, what: string): number => {
    const address = parseAddress(text);
    if (address === null || !contains(subnet, address) || address === subnet.base) {
      return refuse(`invalid network config: invalid ${what} ${text}: it is no address of ${config.Subnet}`);
    }
    return address;
  };
  for (const [name, address] of Object.entries(config.AuxiliaryAddresses ?? {}))
    inside(address, `auxiliary address ${name}`);
  const gateway = config.Gateway === '' ? subnet.base + 1 : inside(config.Gateway, 'gateway address');
  return { subnet: formatSubnet(subnet), gateway: formatAddress(gateway) };
}

function choose6(config: IpamConfig | undefined, { networks, engineId }: Surroundings) {
  const others = networks.flatMap(({ subnet6 }) => parseInterface6(subnet6)?.subnet ?? []);
  if (!config) {
    const subnet = freeSubnet6(engineId, others);
    return { subnet6: formatSubnet6(subnet), gateway6: formatAddress6(subnet.base + 1n) };
  }
  const subnet = parseInterface6(config.Subnet)?.subnet ?? invalidSubnet(config.Subnet);
  if (subnet.prefix > 126 || subnet.prefix < 8)
    refuse(`invalid subnet ${config.Subnet}: too small or too large for a network`);
  if (others.some((other) => overlap6(other, subnet))) overlaps();
  const range = config.IPRange === '' ? subnet : parseInterface6(config.IPRange)?.subnet;
  if (!range || range.prefix < subnet.prefix || !contains6(subnet, range.base)) {
    return refuse(
      `invalid network config: invalid ip-range ${config.IPRange}: it is no part of ${config.Subnet}`,
    );
  }
  const gateway =
    config.Gateway === '' ? subnet.base + 1n : parseAddress6(config.Gateway.split('/')[0] ?? '');
  if (gateway === null || !contains6(subnet, gateway) || gateway === subnet.base) {
    return refuse(
      `invalid network config: invalid gateway address ${config.Gateway}: it is no address of ${config.Subnet}`,
    );
  }
  return { subnet6: formatSubnet6(subnet), gateway6: formatAddress6(gateway) };
}

/** A network of this engine's own part of the unique local addresses: RFC 4193. */
function freeSubnet6(engineId: string, others: readonly Subnet6[]): Subnet6 {
  const own = createHash('sha256').update(engineId).digest('hex').slice(0, 10);
  const base = (0xfdn << 120n) | (BigInt(`0x${own}`) << 80n);
  for (let number = 0n; number < 0x10000n; number++) {
    const subnet = { base: base | (number << 64n), prefix: 64 };
    if (!others.some((other) => overlap6(other, subnet))) return subnet;
  }
  throw new EngineError(
    'internal',
    'could not find an available, non-overlapping IPv6 address pool among the defaults to assign to the network',
  );
}

function invalidSubnet(text: string): never {
  return refuse(`Invalid subnet ${text} : invalid CIDR address: ${text}`);
}

function overlaps(): never {
  throw new EngineError('forbidden', 'Pool overlaps with other one on this address space');
}

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}
