import { type NetworkCreateBody, routes } from '@davit/api';
import type { DeepPartial } from '../../http/client.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { collectLabels } from '../container/options/environment.ts';
import { checkedList } from '../container/options/flags/kinds.ts';
import { checkLabel } from '../container/options/values.ts';
import { collectAddresses } from './addresses.ts';

export default defineCommand({
  usage: '[OPTIONS] NETWORK',
  summary: 'Create a network',
  description:
    'Makes a network that containers can be in. They know each other by name there, and are kept from those of ' +
    'other networks.',
  examples: [
    { command: 'network create backend', explanation: 'A bridge with addresses that nobody else uses' },
    {
      command: 'network create --internal --subnet 10.20.0.0/24 vault',
      explanation: 'One from which nothing reaches the outside',
    },
  ],
  arguments: exactly(1),
  flags: {
    attachable: flag.boolean({ summary: 'Let containers of people into a network of a Swarm' }),
    auxAddress: flag.map({ value: 'name=ip', summary: 'Address that no container gets' }),
    configFrom: flag.string({
      value: 'network',
      summary: 'Network to take the configuration from',
      default: '',
    }),
    configOnly: flag.boolean({ summary: 'Make a configuration for other networks only' }),
    driver: flag.string({ short: 'd', value: 'name', summary: 'Driver of the network', default: 'bridge' }),
    gateway: flag.list({ value: 'ip', summary: "Address of the host's end" }),
    ingress: flag.boolean({ summary: 'Make the network that leads into a Swarm' }),
    internal: flag.boolean({ summary: 'Let nothing in or out' }),
    ipRange: flag.list({ value: 'subnet', summary: 'Part of the subnet that containers get addresses of' }),
    ipamDriver: flag.string({
      value: 'name',
      summary: 'Driver that gives out addresses',
      default: 'default',
    }),
    ipamOpt: flag.map({ value: 'name=value', summary: 'Option for that driver' }),
    ipv4: flag.tristate({ summary: 'Give out IPv4 addresses (on unless =false)', since: '1.48' }),
    ipv6: flag.tristate({ summary: 'Give out IPv6 addresses too' }),
    label: flag.custom({ value: 'name[=value]', summary: 'Set a label', ...checkedList(checkLabel) }),
    opt: flag.map({ short: 'o', value: 'name=value', summary: 'Option for the driver of the network' }),
    scope: flag.string({ value: 'name', summary: 'How far it reaches: local or swarm', default: '' }),
    subnet: flag.list({ value: 'subnet', summary: 'Addresses of the network, as in 10.20.0.0/24' }),
  },
  run: async (options, [name = ''], context) => {
    const { ipv4, ipv6, configFrom } = options;
    const body: DeepPartial<NetworkCreateBody> = {
      Name: name,
      CheckDuplicate: true,
      Driver: options.driver,
      Scope: options.scope,
      ...(ipv4 !== undefined && { EnableIPv4: ipv4 }),
      ...(ipv6 !== undefined && { EnableIPv6: ipv6 }),
      IPAM: { Driver: options.ipamDriver, Options: options.ipamOpt, Config: collectAddresses(options) },
      Internal: options.internal,
      Ingress: options.ingress,
      Attachable: options.attachable,
      ConfigOnly: options.configOnly,
      ...(configFrom !== '' && { ConfigFrom: { Network: configFrom } }),
      Options: options.opt,
      Labels: collectLabels([], options.label),
    };
    const client = await context.connect();
    const { Id, Warning } = await client.call(routes.networkCreate, { body });
    if (Warning) await context.streams.err.line(`WARNING: ${Warning}`);
    await context.streams.out.line(Id);
    return 0;
  },
});
