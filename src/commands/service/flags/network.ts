import type { ServicePort } from '@davit/api';
import { checkedList, listOf } from '../../container/options/flags/kinds.ts';
import { checkAddress, checkDomain, checkExtraHost } from '../../container/options/values.ts';
import { flag } from '../../flag.ts';
import { parseServiceNetwork } from '../spec/networks.ts';
import { parseServicePorts } from '../spec/ports.ts';
import { reading } from './kinds.ts';

const group = { group: 'Network' };

const ports = (summary: string, short?: string) =>
  flag.custom<ServicePort[]>({
    ...(short ? { short } : {}),
    type: 'port',
    value: '[published:]target',
    summary,
    default: [],
    parse: (text, all) => [...all, ...reading(parseServicePorts)(text)],
    ...group,
  });
const network = {
  value: 'name',
  summary: 'Connect to a network',
  ...group,
  ...listOf('network', parseServiceNetwork),
};
const host = {
  value: 'host:ip',
  summary: 'Add a line to /etc/hosts',
  ...group,
  ...checkedList(checkExtraHost),
};
const dns = { value: 'ip', summary: 'DNS server', ...group, ...checkedList(checkAddress) };
const dnsOption = { value: 'option', summary: 'Option for the resolver', ...group };
const dnsSearch = { value: 'domain', summary: 'Domain to search', ...group, ...checkedList(checkDomain) };
const removed = (what: string, value: string) => flag.list({ value, summary: `Remove ${what}`, ...group });
const endpointMode = {
  summary: 'How the service is reached by its name: vip or dnsrr',
  choices: ['vip', 'dnsrr'],
  ...group,
};

/** Networks, ports and names, for services that are made. */
export const networkCreateFlags = {
  publish: ports('Publish a port on all nodes, or with mode=host on those of its tasks', 'p'),
  network: flag.custom(network),
  endpointMode: flag.string({ default: 'vip', ...endpointMode }),
  host: flag.custom(host),
  dns: flag.custom(dns),
  dnsOption: flag.list(dnsOption),
  dnsSearch: flag.custom(dnsSearch),
};

/** The same for services that are changed. */
export const networkUpdateFlags = {
  publishAdd: ports('Publish a port'),
  publishRm: ports('Publish a port of the containers no more'),
  networkAdd: flag.custom({ since: '1.29', ...network }),
  networkRm: removed('a network', 'name'),
  endpointMode: flag.string(endpointMode),
  hostAdd: flag.custom(host),
  hostRm: removed('a host', 'host[:ip]'),
  dnsAdd: flag.custom(dns),
  dnsRm: removed('a DNS server', 'ip'),
  dnsOptionAdd: flag.list(dnsOption),
  dnsOptionRm: removed('an option of the resolver', 'option'),
  dnsSearchAdd: flag.custom(dnsSearch),
  dnsSearchRm: removed('a domain to search', 'domain'),
};
