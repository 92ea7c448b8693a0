import { constants } from 'node:fs';
import { subnetsInUse } from '../networks/bridge.ts';
import { formatSubnet, overlap, parseInterface, type Subnet } from '../networks/ipv4.ts';
import { type GuardedNetwork, tableCommands } from '../networks/ruleset.ts';
import { type AddressPool, chooseSubnet, defaultPools, poolsOf } from '../networks/subnets.ts';
import { type Finding, limited, missing, ok, unknown } from './finding.ts';
import type { Machine } from './machine.ts';

/** Tries to make a device in a network namespace that is gone afterwards. */
async function device(machine: Machine, kind: 'veth' | 'bridge', rest: string[] = []): Promise<Finding> {
  if (!machine.root) return unknown('only root can try');
  const ip = machine.find('ip');
  if (!ip || !machine.find('unshare')) return unknown('cannot be tried without ip and unshare');
  const command = ['--net', ip, 'link', 'add', 'davitcheck0', 'type', kind, ...rest];
  const { ok: works, output } = await machine.attempt('unshare', command);
  return works ? ok('works') : missing(`none can be made: ${output}`, `modprobe ${kind}`);
}

/** Pairs of devices, one end in the container. */
export const veth = (machine: Machine): Promise<Finding> => device(machine, 'veth', ['peer', 'davitcheck1']);

/** Bridges. */
export const bridge = (machine: Machine): Promise<Finding> => device(machine, 'bridge');

/** A network as the engine guards one, to try all kinds of its rules. */
const sample: GuardedNetwork = {
  modes: { ip: 'routed', ip6: 'nat' },
  ...{ bridge: 'davitcheck0', subnet: '192.0.2.0/24', gateway: '192.0.2.1' },
  ...{ subnet6: '', gateway6: '', internal: false, masquerade: true, isolated: false },
};

/** Whether the kernel takes the engine's own rules, in a network namespace that is gone afterwards. */
export async function firewall(machine: Machine): Promise<Finding> {
  if (!machine.root) return unknown('only root can try');
  const nft = machine.find('nft');
  if (!nft || !machine.find('unshare')) return unknown('cannot be tried without nft and unshare');
  const commands = tableCommands('davitcheck', { networks: [sample], redirects: [], ports: [] });
  const { ok: works, output } = await machine.attempt('unshare', ['--net', nft, '-f', '-'], `${commands}\n`);
  if (works) return ok('takes the rules of networks and published ports');
  const [first = ''] = output.split('\n');
  return missing(
    `the kernel refuses the rules: ${first}`,
    'modprobe -a nf_tables nft_chain_nat nft_masq nft_ct nft_fib_inet',
  );
}

/** A policy of another firewall that would keep packets of containers from being forwarded. */
export async function foreignFirewall(machine: Machine): Promise<Finding> {
  if (!machine.root) return unknown('only root can look');
  if (!machine.find('nft')) return unknown('cannot be looked at without nft');
  const { ok: works, output } = await machine.attempt('nft', ['-j', 'list', 'chains']);
  if (!works) return unknown(output);
  const dropping = droppingChains(output);
  if (dropping.length === 0) return ok('nobody drops what is forwarded');
  const names = dropping.map(({ table, name }) => `${table} ${name}`).join(', ');
  return limited(
    `${names} drops what is not let through by name: containers may not reach the outside`,
    dropping.some(({ name }) => name === 'FORWARD')
      ? 'iptables -I FORWARD -i davit0 -j ACCEPT && iptables -I FORWARD -o davit0 -j ACCEPT'
      : 'accept the devices davit0 and br-* in that chain',
  );
}

interface Chain {
  table: string;
  name: string;
  hook?: string;
  policy?: string;
}

/** The chains that drop forwarded packets by policy, in what `nft -j list chains` prints. */
export function droppingChains(text: string): Chain[] {
  const { nftables = [] } = JSON.parse(text) as { nftables?: { chain?: Chain }[] };
  return nftables.flatMap(({ chain }) =>
    chain?.hook === 'forward' && chain.policy === 'drop' ? [chain] : [],
  );
}

/** Whether packets are forwarded, or can be made to be. */
export function forwarding(machine: Machine): Finding {
  const file = '/proc/sys/net/ipv4/ip_forward';
  if (machine.read(file).trim() === '1') return ok('on');
  if (!machine.root) return ok('off: the engine turns it on');
  return machine.may(file, constants.W_OK)
    ? ok('off: the engine turns it on')
    : missing('off, and it cannot be turned on from here', 'sysctl -w net.ipv4.ip_forward=1');
}

/** Whether networks can have IPv6. */
export function ipv6(machine: Machine): Finding {
  const isOff = machine.read('/proc/sys/net/ipv6/conf/all/disable_ipv6').trim() === '1';
  if (machine.exists('/proc/net/if_inet6') && !isOff) return ok('on');
  return limited(
    'off: networks have IPv4 only',
    isOff ? 'sysctl -w net.ipv6.conf.all.disable_ipv6=0' : 'boot without ipv6.disable=1',
  );
}

/** Whether there are addresses for networks that meet none of this machine's. */
export function addresses(
  { bip, addressPools }: { bip: string; addressPools: AddressPool[] },
  inUse: readonly Subnet[] = subnetsInUse(),
): Finding {
  const pools = addressPools.length > 0 ? poolsOf(addressPools) : defaultPools;
  const taken = pools.filter((pool) => inUse.some((other) => overlap(pool, other)));
  const free = chooseSubnet(inUse, pools);
  const remedy = 'name addresses that are free with default-address-pools';
  const own = parseInterface(bip)?.subnet;
  const met = own && inUse.find((other) => overlap(own, other) && formatSubnet(other) !== formatSubnet(own));
  if (met)
    return missing(`bip ${bip} meets ${formatSubnet(met)} of this machine`, 'name another address with bip');
  if (!free) return missing(`all ${pools.length} pools meet addresses or routes of this machine`, remedy);
  const told = taken.slice(0, 3).map(formatSubnet).join(', ');
  const rest = taken.length > 3 ? ` and ${taken.length - 3} more` : '';
  const used = taken.length > 0 ? `; in use on this machine: ${told}${rest}` : '';
  return ok(
    `${pools.length - taken.length} of ${pools.length} pools are free, the first ${formatSubnet(free)}${used}`,
  );
}

/** Whether containers have somebody to ask for names. */
export function resolver(machine: Machine, dns: readonly string[]): Finding {
  if (dns.length > 0) return ok(dns.join(', '));
  const servers = [...machine.read('/etc/resolv.conf').matchAll(/^nameserver\s+(\S+)/gm)].map(
    ([, name]) => name,
  );
  return servers.length > 0
    ? ok(servers.join(', '))
    : limited('no name server in /etc/resolv.conf', 'name one there, or with dns');
}
