import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerConfig, HostConfig } from '@davit/api';
import type { Sandbox } from '../networks/service.ts';
import { parseExtraHost } from './validate.ts';

const localNames = [
  ['127.0.0.1', 'localhost'],
  ['::1', 'localhost ip6-localhost ip6-loopback'],
  ['fe00::', 'ip6-localnet'],
  ['ff00::', 'ip6-mcastprefix'],
  ['ff02::1', 'ip6-allnodes'],
  ['ff02::2', 'ip6-allrouters'],
];

/** The text of a container's /etc/hosts; `links` are the addresses and names of those that it is linked to. */
export function hostsFile(
  config: ContainerConfig,
  hostConfig: HostConfig,
  sandbox: Sandbox,
  links: readonly [address: string, names: string][] = [],
): string {
  const extra = (hostConfig.ExtraHosts ?? []).map((entry) => {
    const { name, address } = parseExtraHost(entry);
    return [address === 'host-gateway' ? sandbox.gateway || '127.0.0.1' : address, name];
  });
  const fullName = config.Domainname ? `${config.Hostname}.${config.Domainname} ` : '';
  const addresses = Object.values(sandbox.networks).flatMap((network) => [
    network.IPAddress,
    network.GlobalIPv6Address,
  ]);
  const own = addresses
    .filter((address) => address !== '')
    .map((address) => [address, `${fullName}${config.Hostname}`]);
  return [...localNames, ...extra, ...links, ...own]
    .map(([address, names]) => `${address}\t${names}\n`)
    .join('');
}

/** The text of a container's /etc/resolv.conf: what the user asked for, else what its network has. */
export function resolvFile(hostConfig: HostConfig, { dns }: Sandbox): string {
  const choose = (asked: string[] | null, given: string[]) => (asked?.length ? asked : given);
  const search = choose(hostConfig.DnsSearch, dns.search).filter((domain) => domain !== '.');
  const asked = choose(hostConfig.DnsOptions, dns.options);
  const addsDots = dns.embedded && !asked.some((option) => option.startsWith('ndots:'));
  const options = addsDots ? [...asked, 'ndots:0'] : asked;
  return [
    ...(search.length > 0 ? [`search ${search.join(' ')}\n`] : []),
    // A server that answers for the others asks those that the user named.
    ...choose(dns.embedded ? null : hostConfig.Dns, dns.servers).map((server) => `nameserver ${server}\n`),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('');
}

export interface ContainerFiles {
  hostname: string;
  hosts: string;
  resolv: string;
}

/** Where the files are that the engine keeps for a container. */
export function filesIn(folder: string): ContainerFiles {
  return {
    hostname: join(folder, 'hostname'),
    hosts: join(folder, 'hosts'),
    resolv: join(folder, 'resolv.conf'),
  };
}

/** Writes the files that a container finds its name and its neighbours' in. */
export async function writeFiles(
  folder: string,
  config: ContainerConfig,
  hostConfig: HostConfig,
  sandbox: Sandbox,
  links: readonly [address: string, names: string][],
): Promise<ContainerFiles> {
  const files = filesIn(folder);
  await mkdir(folder, { recursive: true, mode: 0o710 });
  await Promise.all([
    writeFile(files.hostname, `${config.Hostname}\n`, { mode: 0o644 }),
    writeFile(files.hosts, hostsFile(config, hostConfig, sandbox, links), { mode: 0o644 }),
    writeFile(files.resolv, resolvFile(hostConfig, sandbox), { mode: 0o644 }),
  ]);
  return files;
}
