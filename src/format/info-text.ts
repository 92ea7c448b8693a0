import type { SystemInfo } from '@davit/api';
import type { Plugin } from '../plugins/plugins.ts';
import { type SwarmPart, swarmLines } from './swarm-text.ts';
import { binarySize } from './units.ts';

/** What engines tell, other ones than the bundled one too; old ones leave some of it out. */
export type ServerInfo = Partial<Omit<SystemInfo, 'Swarm'>> & {
  Swarm?: SwarmPart;
  SystemStatus?: [string, string][] | null;
  CDISpecDirs?: string[] | null;
  DiscoveredDevices?: { Source: string; ID: string }[] | null;
  ProductLicense?: string;
  DefaultAddressPools?: { Base: string; Size: number }[] | null;
};

/** What `info` tells of the client. */
export interface ClientPart {
  version: string;
  context: string;
  debug: boolean;
  plugins: readonly Plugin[];
}

function clientPlugins(plugins: readonly Plugin[]): string[] {
  const working = plugins.filter(({ Err }) => Err === undefined);
  if (working.length === 0) return [];
  return [
    line(1, 'Plugins'),
    ...working.flatMap(({ Name, ShortDescription = '', Vendor = '', Version = '', Path }) => [
      `  ${Name}: ${ShortDescription} (${Vendor})`,
      ...(Version ? [`    Version:  ${Version}`] : []),
      `    Path:     ${Path}`,
    ]),
  ];
}

const line = (depth: number, name: string, value: unknown = '') =>
  `${' '.repeat(depth)}${name}:${value === '' ? '' : ` ${String(value)}`}`;

/** A line whose value may be empty, and that keeps its space then: docker's habit. */
const always = (depth: number, name: string, value: unknown) =>
  `${' '.repeat(depth)}${name}: ${String(value ?? '')}`;

function listed(name: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [line(1, name), ...values.map((value) => `  ${value}`)];
}

function securityLines(options: readonly string[]): string[] {
  return options.flatMap((option) => {
    const pairs = option.split(',').map((pair) => pair.split(/=(.*)/s));
    const name = pairs.find(([key]) => key === 'name')?.[1];
    if (name === undefined) return [];
    const others = pairs.filter(([key]) => key !== 'name');
    return [
      `  ${name}`,
      ...others.map(([key = '', value = '']) => `   ${key === 'profile' ? 'Profile' : key}: ${value}`),
    ];
  });
}

function registryLines({ RegistryConfig }: ServerInfo): string[] {
  if (!RegistryConfig) return [];
  const insecure = Object.values(RegistryConfig.IndexConfigs ?? {}).flatMap(({ Name, Secure }) =>
    Secure ? [] : [Name],
  );
  const networks = RegistryConfig.InsecureRegistryCIDRs ?? [];
  return [
    ...listed('Insecure Registries', [...insecure, ...networks]),
    ...listed('Registry Mirrors', RegistryConfig.Mirrors ?? []),
  ];
}

function pluginLines({ Plugins }: ServerInfo): string[] {
  const authorization = Plugins?.Authorization ?? [];
  return [
    line(1, 'Plugins'),
    always(2, 'Volume', (Plugins?.Volume ?? []).join(' ')),
    always(2, 'Network', (Plugins?.Network ?? []).join(' ')),
    ...(authorization.length > 0 ? [line(2, 'Authorization', authorization.join(' '))] : []),
    always(2, 'Log', (Plugins?.Log ?? []).join(' ')),
  ];
}

function runtimeLines(info: ServerInfo): string[] {
  const runtimes = Object.keys(info.Runtimes ?? {});
  if (info.OSType !== 'linux') return [];
  return [
    ...(runtimes.length > 0
      ? [line(1, 'Runtimes', runtimes.join(' ')), always(1, 'Default Runtime', info.DefaultRuntime)]
      : []),
    always(1, 'Init Binary', info.InitBinary),
    always(1, 'containerd version', info.ContainerdCommit?.ID),
    always(1, 'runc version', info.RuncCommit?.ID),
    always(1, 'init version', info.InitCommit?.ID),
    ...((info.SecurityOptions ?? []).length > 0
      ? [line(1, 'Security Options'), ...securityLines(info.SecurityOptions ?? [])]
      : []),
  ];
}

function debugLines(info: ServerInfo): string[] {
  return [
    always(1, 'Debug Mode', info.Debug ?? false),
    ...(info.Debug
      ? [
          line(2, 'File Descriptors', info.NFd ?? 0),
          line(2, 'Goroutines', info.NGoroutines ?? 0),
          line(2, 'System Time', info.SystemTime),
          line(2, 'EventsListeners', info.NEventsListener ?? 0),
        ]
      : []),
  ];
}

/** One line for each value that is there. */
function optional(entries: [string, string | undefined][]): string[] {
  return entries.flatMap(([name, value]) => (value ? [line(1, name, value)] : []));
}

function serverLines(info: ServerInfo): string[] {
  const pools = info.DefaultAddressPools ?? [];
  return [
    line(1, 'Containers', info.Containers ?? 0),
    line(2, 'Running', info.ContainersRunning ?? 0),
    line(2, 'Paused', info.ContainersPaused ?? 0),
    line(2, 'Stopped', info.ContainersStopped ?? 0),
    line(1, 'Images', info.Images ?? 0),
    ...optional([
      ['Server Version', info.ServerVersion],
      ['Storage Driver', info.Driver],
    ]),
    ...(info.DriverStatus ?? []).map(([name, value]) => `  ${name}: ${value}`),
    ...(info.SystemStatus ?? []).map(([name, value]) => ` ${name}: ${value}`),
    ...optional([
      ['Logging Driver', info.LoggingDriver],
      ['Cgroup Driver', info.CgroupDriver],
      ['Cgroup Version', info.CgroupVersion],
    ]),
    ...pluginLines(info),
    ...listed('CDI spec directories', info.CDISpecDirs ?? []),
    ...listed(
      'Discovered Devices',
      (info.DiscoveredDevices ?? []).map(({ Source, ID }) => `${Source}: ${ID}`),
    ),
    always(1, 'Swarm', info.Swarm?.LocalNodeState),
    ...swarmLines(info.Swarm),
    ...runtimeLines(info),
    ...optional([
      ['Kernel Version', info.KernelVersion],
      ['Operating System', info.OperatingSystem],
      ['OSType', info.OSType],
      ['Architecture', info.Architecture],
    ]),
    line(1, 'CPUs', info.NCPU ?? 0),
    line(1, 'Total Memory', binarySize(info.MemTotal ?? 0)),
    ...optional([
      ['Name', info.Name],
      ['ID', info.ID],
    ]),
    always(1, 'Docker Root Dir', info.DockerRootDir),
    ...debugLines(info),
    ...optional([
      ['HTTP Proxy', info.HttpProxy],
      ['HTTPS Proxy', info.HttpsProxy],
      ['No Proxy', info.NoProxy],
    ]),
    ...listed('Labels', info.Labels ?? []),
    always(1, 'Experimental', info.ExperimentalBuild ?? false),
    ...registryLines(info),
    always(1, 'Live Restore Enabled', info.LiveRestoreEnabled ?? false),
    ...optional([['Product License', info.ProductLicense]]),
    ...(pools.length > 0
      ? [
          line(1, 'Default Address Pools'),
          ...pools.map(({ Base, Size }) => `   Base: ${Base}, Size: ${Size}`),
        ]
      : []),
    '',
  ];
}

/** `info` for people, in docker's layout; `server` is null when the engine was not reached. */
export function infoText(client: ClientPart, server: ServerInfo | null): string {
  const lines = [
    'Client:',
    line(1, 'Version', `   ${client.version}`),
    line(1, 'Context', `   ${client.context}`),
    line(1, 'Debug Mode', client.debug),
    ...clientPlugins(client.plugins),
    '',
    'Server:',
    ...(server ? serverLines(server) : []),
  ];
  return `${lines.join('\n')}\n`;
}
