import { isIPv6 } from 'node:net';
import type { GatewayMode } from './options.ts';
import type { PublishedPort } from './portmap.ts';

/** A bridge, the addresses behind it, and who may talk to whom. */
export interface GuardedNetwork {
  bridge: string;
  /** Empty without addresses of the kind. */
  subnet: string;
  subnet6: string;
  gateway: string;
  gateway6: string;
  /** Nothing goes in or out. */
  internal: boolean;
  modes: Readonly<Record<Family, GatewayMode>>;
  /** What goes out does so in the host's name. */
  masquerade: boolean;
  /** Its containers do not reach each other, but published ports as anyone does. */
  isolated: boolean;
}

/**
 * A published port, and the container's address that it leads to; with the host's port 0, one that is reached there
 * itself, by a route.
 */
export interface Redirect extends PublishedPort {
  target: string;
}

/** A container's end of a network: who may send from which address. */
export interface GuardedPort {
  link: string;
  mac: string;
  /** Of both kinds. */
  addresses: readonly string[];
}

export type Family = 'ip' | 'ip6';
const families: readonly Family[] = ['ip', 'ip6'];
const isOf = (family: Family) => (address: string) => isIPv6(address) === (family === 'ip6');

/** The commands that put redirects into the tables' maps or take them out, as one line; empty for none. */
export function elementCommands(
  action: 'add' | 'delete',
  table: string,
  redirects: readonly Redirect[],
): string {
  return families
    .flatMap((family) => {
      const elements = {
        published: [] as string[],
        published_at: [] as string[],
        open_ports: [] as string[],
      };
      for (const { protocol, hostIp, hostPort, containerPort, target } of redirects) {
        // Between the two kinds the engine itself carries.
        if (!isOf(family)(hostIp) || !isOf(family)(target)) continue;
        const leadsTo = action === 'add' ? ` : ${target} . ${containerPort}` : '';
        if (hostPort === 0) elements.open_ports.push(`${target} . ${protocol} . ${containerPort}`);
        else if (hostIp === '0.0.0.0' || hostIp === '::')
          elements.published.push(`${protocol} . ${hostPort}${leadsTo}`);
        else elements.published_at.push(`${hostIp} . ${protocol} . ${hostPort}${leadsTo}`);
      }
      return Object.entries(elements)
        .filter(([, members]) => members.length > 0)
        .map(([name, members]) => `${action} element ${family} ${table} ${name} { ${members.join(', ')} }`);
    })
    .join('; ');
}

/** The commands that let ports send from their own addresses and nobody else from those, or take that back. */
export function portCommands(action: 'add' | 'delete', table: string, ports: readonly GuardedPort[]): string {
  const sets: Record<string, string[]> = {
    ...{ links: [], macs: [], own_macs: [] },
    ...{ addresses: [], own_addresses: [], addresses6: [], own_addresses6: [] },
  };
  for (const { link, mac, addresses } of ports) {
    sets.links?.push(link);
    sets.macs?.push(mac);
    sets.own_macs?.push(`${link} . ${mac}`);
    for (const address of addresses) {
      const kind = isIPv6(address) ? 'addresses6' : 'addresses';
      sets[kind]?.push(address);
      sets[`own_${kind}`]?.push(`${link} . ${address}`);
    }
  }
  return Object.entries(sets)
    .filter(([, members]) => members.length > 0)
    .map(([set, members]) => `${action} element bridge ${table} ${set} { ${members.join(', ')} }`)
    .join('; ');
}

const block = (head: string, statements: string[]) => `${head} { ${statements.join('; ')}; }`;

/** The rules of one kind of addresses. */
function routedTable(family: Family, table: string, all: readonly GuardedNetwork[]): string {
  const isFour = family === 'ip';
  const networks = all
    .map((network) => ({
      ...network,
      mode: network.modes[family],
      subnet: isFour ? network.subnet : network.subnet6,
      gateway: isFour ? network.gateway : network.gateway6,
    }))
    .filter(({ subnet }) => subnet !== '');
  const rules = (make: (network: (typeof networks)[number]) => string[]) => networks.flatMap(make);
  const type = isFour ? 'ipv4_addr' : 'ipv6_addr';
  const loopback = isFour ? '127.0.0.0/8' : '::1';
  const strangersTo = (bridge: string) => all.map((other) => other.bridge).filter((name) => name !== bridge);
  const publish = 'meta l4proto { tcp, udp, sctp } fib daddr type local jump publish';
  return block(`table ${family} ${table}`, [
    block('map published', [`type inet_proto . inet_service : ${type} . inet_service`]),
    block('map published_at', [`type ${type} . inet_proto . inet_service : ${type} . inet_service`]),
    block('set open_ports', [`type ${type} . inet_proto . inet_service`]),
    // The bridge routes loopback addresses (see bridge.ts), for the host's own packets and no container's.
    block('chain guard', [
      'type filter hook prerouting priority raw; policy accept',
      ...rules(({ bridge }) => [
        `iifname ${bridge} ${family} daddr ${loopback} drop`,
        `iifname ${bridge} ${family} saddr ${loopback} drop`,
      ]),
    ]),
    block('chain publish', [
      // Nothing can go out from there: the engine itself carries.
      ...(isFour ? [] : ['ip6 daddr ::1 return']),
      `dnat ${family} to ${family} daddr . meta l4proto . th dport map @published_at`,
      `dnat ${family} to meta l4proto . th dport map @published`,
    ]),
    block('chain prerouting', [
      'type nat hook prerouting priority dstnat; policy accept',
      // With bridge-nf-call-iptables it would not leave the bridge, which keeps them apart: the engine carries it.
      ...rules(({ bridge, isolated }) => (isolated ? [`iifname ${bridge} return`] : [])),
      publish,
    ]),
    block('chain output', ['type nat hook output priority -100; policy accept', publish]),
    block('chain postrouting', [
      'type nat hook postrouting priority srcnat; policy accept',
      ...rules(({ bridge, subnet, internal, masquerade, mode }) => [
        ...(masquerade && !internal && mode !== 'routed'
          ? [`${family} saddr ${subnet} oifname != ${bridge} masquerade`]
          : []),
        // Answers have to come back through the host: to its loopback address, and from a neighbour's port.
        `oifname ${bridge} ${family} saddr { ${loopback}, ${subnet} } ct status dnat masquerade`,
      ]),
    ]),
    // What is internal reaches the host's end of its bridge, and none of the host's other addresses.
    block('chain input', [
      'type filter hook input priority filter; policy accept',
      ...rules(({ bridge, internal, gateway }) => [
        ...(internal && !isFour
          ? [`iifname ${bridge} icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept`]
          : []),
        ...(internal
          ? [`iifname ${bridge} ${gateway === '' ? '' : `${family} daddr != ${gateway} `}drop`]
          : []),
      ]),
    ]),
    // What comes in from outside is an answer, or for a published port; nobody is let in for having a route, unless
    // the network is to be reached that way.
    block('chain forward', [
      'type filter hook forward priority filter; policy accept',
      ...rules(({ bridge, internal }) => (internal ? [`iifname ${bridge} oifname != ${bridge} drop`] : [])),
      ...rules(({ bridge, internal, mode }) => [
        `iifname ${bridge} oifname ${bridge} accept`,
        ...(internal ? [] : entrances(family, bridge, mode, strangersTo(bridge))),
        `oifname ${bridge} drop`,
      ]),
    ]),
  ]);
}

/** What is let into a network from outside, in a chain of forwarded packets. */
function entrances(
  family: Family,
  bridge: string,
  mode: GatewayMode,
  strangers: readonly string[],
): string[] {
  const icmp = family === 'ip' ? 'ip protocol icmp' : 'meta l4proto ipv6-icmp';
  const byRoute: Partial<Record<GatewayMode, string[]>> = {
    routed: [
      `oifname ${bridge} ${icmp} accept`,
      `oifname ${bridge} ${family} daddr . meta l4proto . th dport @open_ports accept`,
    ],
    // Other networks of the engine stay apart.
    'nat-unprotected': [
      ...(strangers.length > 0 ? [`iifname { ${strangers.join(', ')} } oifname ${bridge} drop`] : []),
      `oifname ${bridge} accept`,
    ],
  };
  return [
    `oifname ${bridge} ct state established,related accept`,
    `oifname ${bridge} ct status dnat accept`,
    ...(byRoute[mode] ?? []),
  ];
}

/**
 * The rules inside bridges: a container that may make packets by hand sends none from an address of its neighbours
 * or of the gateway. An address that is nobody's it may take, as programs for shared addresses do.
 */
function bridgeTable(table: string, networks: readonly GuardedNetwork[]): string {
  const set = (name: string, type: string, elements: string[] = []) =>
    block(`set ${name}`, [
      `type ${type}`,
      ...(elements.length > 0 ? [`elements = { ${elements.join(', ')} }`] : []),
    ]);
  const gateways = (key: 'gateway' | 'gateway6') => networks.map((network) => network[key]).filter(Boolean);
  const spoofs = (field: string, kind: string) => `${field} @${kind} iifname . ${field} != @own_${kind} drop`;
  return block(`table bridge ${table}`, [
    set('links', 'ifname'),
    set('macs', 'ether_addr'),
    set('own_macs', 'ifname . ether_addr'),
    set('addresses', 'ipv4_addr', gateways('gateway')),
    set('own_addresses', 'ifname . ipv4_addr'),
    set('addresses6', 'ipv6_addr', gateways('gateway6')),
    set('own_addresses6', 'ifname . ipv6_addr'),
    block('chain guard', [
      'type filter hook prerouting priority -300; policy accept',
      'iifname != @links accept',
      spoofs('ether saddr', 'macs'),
      spoofs('arp saddr ip', 'addresses'),
      spoofs('ip saddr', 'addresses'),
      spoofs('ip6 saddr', 'addresses6'),
      // Only a router says such things, and none of the containers is one.
      'icmpv6 type { nd-router-advert, nd-redirect } drop',
      ...gateways('gateway6').map(
        (gateway) => `icmpv6 type nd-neighbor-advert @th,64,128 ${hexOf(gateway)} drop`,
      ),
    ]),
  ]);
}

function hexOf(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = address.includes('::') ? [...groups(head), ...zeros, ...groups(tail)] : groups(address);
  return `0x${all.map((group) => group.padStart(4, '0')).join('')}`;
}

/** All that the tables hold. */
export interface FirewallState {
  networks: readonly GuardedNetwork[];
  redirects: readonly Redirect[];
  ports: readonly GuardedPort[];
}

/** The commands that replace the tables, as one line. */
export function tableCommands(table: string, { networks, redirects, ports }: FirewallState): string {
  return [
    removalCommands(table),
    ...families.map((family) => routedTable(family, table, networks)),
    bridgeTable(table, networks),
    elementCommands('add', table, redirects),
    portCommands('add', table, ports),
  ]
    .filter((command) => command !== '')
    .join('; ');
}

/** The commands that take the tables away. Deleting what is not there is refused, adding what is there is not. */
export function removalCommands(table: string): string {
  return [...families, 'bridge']
    .map((family) => `add table ${family} ${table}; delete table ${family} ${table}`)
    .join('; ');
}
