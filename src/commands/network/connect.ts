import type { EndpointSettings } from '@davit/api';
import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import type { DeepPartial } from '../../http/client.ts';
import { defineCommand, exactly, flag } from '../command.ts';

interface Options {
  alias: string[];
  driverOpt: string[];
  gwPriority: number;
  ip: string;
  ip6: string;
  link: string[];
  linkLocalIp: string[];
}

/** What a container asks for in the network. Throws in docker's words. */
export function connectSettings(options: Options): DeepPartial<EndpointSettings> {
  const { alias, driverOpt, gwPriority, ip, ip6, link, linkLocalIp } = options;
  return {
    IPAMConfig: { IPv4Address: ip, IPv6Address: ip6, LinkLocalIPs: linkLocalIp },
    Links: link,
    Aliases: alias,
    DriverOpts: Object.fromEntries(driverOpt.map(driverOption)),
    GwPriority: gwPriority,
  };
}

function driverOption(text: string): [string, string] {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(text) ?? refuse();
  return [name.trim().toLowerCase(), value.trim()];
}

function refuse(): never {
  throw new CommandError('invalid key/value pair format in driver options');
}

export default defineCommand({
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Connect a container to a network',
  description: 'Puts a container into one more network: at once when it runs, else when it is started.',
  examples: [
    {
      command: 'network connect --alias db backend postgres',
      explanation: 'With another name in that network',
    },
  ],
  arguments: exactly(2),
  flags: {
    alias: flag.list({ value: 'name', summary: 'Another name in this network' }),
    driverOpt: flag.list({ value: 'name=value', summary: 'Option for the driver of the network' }),
    gwPriority: flag.integer({
      value: 'number',
      summary: 'The network with the highest one has the way out',
      since: '1.48',
      default: 0,
    }),
    ip: flag.string({ value: 'ip', summary: 'IPv4 address', default: '' }),
    ip6: flag.string({ value: 'ip', summary: 'IPv6 address', default: '' }),
    link: flag.list({ value: 'container[:alias]', summary: 'Know another container by a name' }),
    linkLocalIp: flag.list({ value: 'ip', summary: 'Link-local address' }),
  },
  run: async (options, [name = '', container = ''], context) => {
    const settings = connectSettings(options);
    const client = await context.connect();
    const body = { Container: container, EndpointConfig: settings };
    await client.call(routes.networkConnect, { path: { name }, body });
    return 0;
  },
});
