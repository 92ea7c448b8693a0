import { flag } from '../../../flag.ts';
import { parseNetwork } from '../networks.ts';
import { checkAddress, checkDomain, checkExtraHost, checkLink } from '../values.ts';
import { checkedList, listOf } from './kinds.ts';

const group = { group: 'Network' };

/** Networks, ports, and the names a container knows and is known by. */
export const networkFlags = {
  publish: flag.list({
    short: 'p',
    value: '[ip:][host:]port',
    summary: 'Publish a port on this machine',
    ...group,
  }),
  publishAll: flag.boolean({
    short: 'P',
    summary: 'Publish all exposed ports, wherever there is room',
    ...group,
  }),
  expose: flag.list({ value: 'port', summary: 'Expose a port to other containers', ...group }),
  network: flag.custom({
    value: 'name',
    summary: 'Connect to a network; host, none, or that of container:NAME',
    ...group,
    ...listOf('network', parseNetwork),
  }),
  net: flag.custom({ summary: 'Same as --network', hidden: true, ...listOf('network', parseNetwork) }),
  networkAlias: flag.list({ value: 'name', summary: 'Further name in the network', ...group }),
  netAlias: flag.list({ summary: 'Same as --network-alias', hidden: true }),
  hostname: flag.string({ short: 'h', value: 'name', summary: 'Host name inside', ...group }),
  domainname: flag.string({ value: 'name', summary: 'Domain name inside', ...group }),
  addHost: flag.custom({
    value: 'host:ip',
    summary: 'Add a line to /etc/hosts',
    ...group,
    ...checkedList(checkExtraHost),
  }),
  dns: flag.custom({ value: 'ip', summary: 'DNS server', ...group, ...checkedList(checkAddress) }),
  dnsOption: flag.list({ value: 'option', summary: 'Option for the resolver', ...group }),
  dnsOpt: flag.list({ summary: 'Same as --dns-option', hidden: true }),
  dnsSearch: flag.custom({
    value: 'domain',
    summary: 'Domain to search',
    ...group,
    ...checkedList(checkDomain),
  }),
  ip: flag.string({ value: 'ip', summary: 'IPv4 address', ...group }),
  ip6: flag.string({ value: 'ip', summary: 'IPv6 address', ...group }),
  linkLocalIp: flag.list({ value: 'ip', summary: 'Link-local address', ...group }),
  macAddress: flag.string({ value: 'address', summary: 'Hardware address', ...group }),
  link: flag.custom({
    value: 'container[:alias]',
    summary: 'Link to another container',
    ...group,
    ...checkedList(checkLink),
  }),
};
