import type { EndpointSettings } from '@davit/api';
import type { DeepPartial } from '../../../http/client.ts';
import { splitFields } from '../../csv.ts';
import { FlagValueError } from '../../flag.ts';

/** One value of --network: a name, or fields such as `name=web,alias=db,ip=10.0.0.5`. */
export interface NetworkChoice {
  name: string;
  aliases: string[];
  driverOptions: Record<string, string>;
  ip: string;
  ip6: string;
  macAddress: string;
  linkLocalIps: string[];
  gatewayPriority: number;
}

/** Options of the first network that have flags of their own. */
export interface NetworkFlags {
  networkAlias: string[];
  ip: string | undefined;
  ip6: string | undefined;
  macAddress: string | undefined;
  linkLocalIp: string[];
  link: string[];
}

/** Reads one value of --network. Throws FlagValueError in docker's words. */
export function parseNetwork(text: string): NetworkChoice {
  const choice: NetworkChoice = {
    name: text,
    aliases: [],
    driverOptions: {},
    ip: '',
    ip6: '',
    macAddress: '',
    linkLocalIps: [],
    gatewayPriority: 0,
  };
  if (!/\w+=/.test(text)) return choice;
  choice.name = '';
  for (const field of splitFields(text)) applyField(choice, field);
  if (choice.name === '') throw new FlagValueError('network name/id is not specified');
  return choice;
}

function applyField(choice: NetworkChoice, field: string): void {
  const at = field.indexOf('=');
  if (at < 0) throw new FlagValueError(`invalid field ${field}`);
  const key = field.slice(0, at).trim().toLowerCase();
  const value = field.slice(at + 1).trim();
  switch (key) {
    case 'name':
      choice.name = value;
      return;
    case 'alias':
      choice.aliases.push(value);
      return;
    case 'ip':
      choice.ip = value;
      return;
    case 'ip6':
      choice.ip6 = value;
      return;
    case 'mac-address':
      if (!isMacAddress(value)) throw new FlagValueError(`address ${value}: invalid MAC address`);
      choice.macAddress = value;
      return;
    case 'link-local-ip':
      choice.linkLocalIps.push(value);
      return;
    case 'driver-opt': {
      const [, name = '', option = ''] = /^([^=]*)=(.*)$/.exec(value) ?? refuseOption();
      choice.driverOptions[name.trim().toLowerCase()] = option.trim();
      return;
    }
    case 'gw-priority':
      if (!/^-?\d+$/.test(value)) throw new FlagValueError(`invalid gw-priority: ${JSON.stringify(value)}`);
      choice.gatewayPriority = Number(value);
      return;
    default:
      throw new FlagValueError(`invalid field key ${key}`);
  }
}

function refuseOption(): never {
  throw new FlagValueError('invalid key value pair format in driver options');
}

/** Whether a text is a hardware address of 6, 8 or 20 bytes. */
export function isMacAddress(text: string): boolean {
  return /^[\da-f]{2}([:-])[\da-f]{2}(\1[\da-f]{2}){4}((\1[\da-f]{2}){2}((\1[\da-f]{2}){12})?)?$/i.test(text);
}

function isUserDefined(name: string): boolean {
  return !['default', 'bridge', 'host', 'none'].includes(name) && !name.startsWith('container:');
}

/** What the network flags come to: HostConfig.NetworkMode, and settings for each network that has some. */
export interface Networks {
  mode: string;
  endpoints: Record<string, DeepPartial<EndpointSettings>>;
}

/** Puts the networks and the flags for the first of them together. Throws in docker's words. */
export function collectNetworks(choices: NetworkChoice[], flags: NetworkFlags): Networks {
  const [first = parseNetwork('default'), ...rest] = choices;
  const all = [withFlags(first, flags), ...rest];
  const endpoints: Networks['endpoints'] = {};
  for (const [index, choice] of all.entries()) {
    if (all.findIndex(({ name }) => name === choice.name) !== index) {
      throw new Error(`network "${choice.name}" is specified multiple times`);
    }
    checkUserDefined(choice);
    const settings = settingsOf(choice, index === 0 && isUserDefined(choice.name) ? flags.link : []);
    if (Object.keys(settings).length > 0 || all.length > 1) endpoints[choice.name] = settings;
  }
  if (all.some(({ name }) => isUserDefined(name)) && !all.every(({ name }) => isUserDefined(name))) {
    throw new Error(
      'conflicting options: cannot attach both user-defined and non-user-defined network-modes',
    );
  }
  return { mode: first.name, endpoints };
}

function withFlags(choice: NetworkChoice, flags: NetworkFlags): NetworkChoice {
  const conflicts: [boolean, string][] = [
    [choice.aliases.length > 0 && flags.networkAlias.length > 0, '--network-alias and per-network alias'],
    [choice.ip !== '' && flags.ip !== undefined, '--ip and per-network IPv4 address'],
    [choice.ip6 !== '' && flags.ip6 !== undefined, '--ip6 and per-network IPv6 address'],
    [choice.macAddress !== '' && flags.macAddress !== undefined, '--mac-address and per-network MAC address'],
    [
      choice.linkLocalIps.length > 0 && flags.linkLocalIp.length > 0,
      '--link-local-ip and per-network link-local IP addresses',
    ],
  ];
  for (const [conflict, what] of conflicts) {
    if (conflict) throw new Error(`conflicting options: cannot specify both ${what}`);
  }
  return {
    ...choice,
    aliases: [...choice.aliases, ...flags.networkAlias],
    ip: choice.ip || (flags.ip ?? ''),
    ip6: choice.ip6 || (flags.ip6 ?? ''),
    macAddress: choice.macAddress || (flags.macAddress ?? ''),
    linkLocalIps: [...choice.linkLocalIps, ...flags.linkLocalIp],
  };
}

function checkUserDefined({ name, aliases }: NetworkChoice): void {
  if (aliases.length > 0 && !isUserDefined(name)) {
    throw new Error('network-scoped aliases are only supported for user-defined networks');
  }
}

function settingsOf(choice: NetworkChoice, links: string[]): DeepPartial<EndpointSettings> {
  const { aliases, ip, ip6, macAddress, linkLocalIps, driverOptions, gatewayPriority } = choice;
  const settings: DeepPartial<EndpointSettings> = {};
  if (aliases.length > 0) settings.Aliases = aliases;
  if (links.length > 0) settings.Links = links;
  if (Object.keys(driverOptions).length > 0) settings.DriverOpts = driverOptions;
  if (macAddress !== '') settings.MacAddress = macAddress;
  if (gatewayPriority !== 0) settings.GwPriority = gatewayPriority;
  if (ip !== '' || ip6 !== '' || linkLocalIps.length > 0) {
    settings.IPAMConfig = { IPv4Address: ip, IPv6Address: ip6, LinkLocalIPs: linkLocalIps };
  }
  return settings;
}
