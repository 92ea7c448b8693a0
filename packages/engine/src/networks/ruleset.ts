import type { PublishedPort } from './portmap.ts';

/** A bridge and the addresses behind it. */
export interface GuardedNetwork {
  bridge: string;
  subnet: string;
}

/** A published port, and the container's address that it leads to. */
export interface Redirect extends PublishedPort {
  target: string;
}

/** The commands that put redirects into the table's maps or take them out, as one line; empty for none. */
export function elementCommands(
  action: 'add' | 'delete',
  table: string,
  redirects: readonly Redirect[],
): string {
  const elements = { published: [] as string[], published_at: [] as string[] };
  for (const { protocol, hostIp, hostPort, containerPort, target } of redirects) {
    // Packets of IPv6 never come here: the engine itself carries them.
    if (hostIp.includes(':')) continue;
    const leadsTo = action === 'add' ? ` : ${target} . ${containerPort}` : '';
    if (hostIp === '0.0.0.0') elements.published.push(`${protocol} . ${hostPort}${leadsTo}`);
    else elements.published_at.push(`${hostIp} . ${protocol} . ${hostPort}${leadsTo}`);
  }
  return Object.entries(elements)
    .filter(([, members]) => members.length > 0)
    .map(([map, members]) => `${action} element ip ${table} ${map} { ${members.join(', ')} }`)
    .join('; ');
}

/** The commands that replace the whole table, as one line. */
export function tableCommands(
  table: string,
  networks: readonly GuardedNetwork[],
  redirects: readonly Redirect[],
): string {
  const block = (head: string, statements: string[]) => `${head} { ${statements.join('; ')}; }`;
  const rules = (make: (network: GuardedNetwork) => string[]) => networks.flatMap(make);
  const publish = 'meta l4proto { tcp, udp, sctp } fib daddr type local jump publish';
  const contents = [
    block('map published', ['type inet_proto . inet_service : ipv4_addr . inet_service']),
    block('map published_at', ['type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service']),
    // The bridge routes loopback addresses (see bridge.ts), for the host's own packets and no container's.
    block('chain guard', [
      'type filter hook prerouting priority raw; policy accept',
      ...rules(({ bridge }) => [
        `iifname ${bridge} ip daddr 127.0.0.0/8 drop`,
        `iifname ${bridge} ip saddr 127.0.0.0/8 drop`,
      ]),
    ]),
    block('chain publish', [
      'dnat ip to ip daddr . meta l4proto . th dport map @published_at',
      'dnat ip to meta l4proto . th dport map @published',
    ]),
    block('chain prerouting', ['type nat hook prerouting priority dstnat; policy accept', publish]),
    block('chain output', ['type nat hook output priority -100; policy accept', publish]),
    block('chain postrouting', [
      'type nat hook postrouting priority srcnat; policy accept',
      ...rules(({ bridge, subnet }) => [
        `ip saddr ${subnet} oifname != ${bridge} masquerade`,
        // Answers have to come back through the host: to its loopback address, and from a neighbour's port.
        `oifname ${bridge} ip saddr { 127.0.0.0/8, ${subnet} } ct status dnat masquerade`,
      ]),
    ]),
    // What comes in from outside is an answer, or for a published port; nobody is let in for having a route.
    block('chain forward', [
      'type filter hook forward priority filter; policy accept',
      ...rules(({ bridge }) => [
        `iifname ${bridge} oifname ${bridge} accept`,
        `oifname ${bridge} ct state established,related accept`,
        `oifname ${bridge} ct status dnat accept`,
        `oifname ${bridge} drop`,
      ]),
    ]),
  ];
  // Deleting what is not there is refused, adding what is there is not.
  return [
    `add table ip ${table}; delete table ip ${table}`,
    block(`table ip ${table}`, contents),
    elementCommands('add', table, redirects),
  ]
    .filter((command) => command !== '')
    .join('; ');
}
