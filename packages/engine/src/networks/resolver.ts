import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';

/** What goes into a container's resolv.conf. */
export interface Resolver {
  servers: string[];
  search: string[];
  options: string[];
  /** Whether the engine itself answers, and asks these servers what it does not know. */
  embedded?: boolean;
}

/** What the engine was told to give to containers instead. */
export interface ToldResolver {
  dns: string[];
  dnsSearch: string[];
  dnsOptions: string[];
}

/** docker's choice where the host has no server that a container could reach. */
const publicServers = ['8.8.8.8', '8.8.4.4'];

/** Reads a resolv.conf: all servers and options in it, and the last of its search lists. */
export function parseResolvConf(text: string): Resolver {
  const resolver: Resolver = { servers: [], search: [], options: [] };
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver') resolver.servers.push(...values.slice(0, 1));
    if (keyword === 'search' || keyword === 'domain') resolver.search = values;
    if (keyword === 'options') resolver.options.push(...values);
  }
  return resolver;
}

/**
 * The resolver for containers on a bridge: what the engine was told, else the host's own. The host's loopback is
 * not the container's, and a network without IPv6 reaches no IPv6 server.
 */
export function resolverForBridge(resolvConf: string, told: ToldResolver): Resolver {
  const host = parseResolvConf(resolvConf);
  const reachable = host.servers.filter((server) => isIPv4(server) && !server.startsWith('127.'));
  const fallback = reachable.length > 0 ? reachable : publicServers;
  const search = told.dnsSearch.length > 0 ? told.dnsSearch : host.search;
  return {
    servers: told.dns.length > 0 ? told.dns : fallback,
    search: search.filter((domain) => domain !== '.'),
    options: told.dnsOptions.length > 0 ? told.dnsOptions : host.options,
  };
}

/** The resolver for a container, from the files of the host. One that shares the host's network has the host's. */
export function resolverFor(network: 'host' | 'bridge', told: ToldResolver): Resolver {
  const text = read('/etc/resolv.conf');
  if (network === 'host') return parseResolvConf(text);
  // systemd-resolved listens on the host's loopback alone, and keeps the servers that it asks in a file.
  return resolverForBridge((isStub(text) && read('/run/systemd/resolve/resolv.conf')) || text, told);
}

function isStub(resolvConf: string): boolean {
  const { servers } = parseResolvConf(resolvConf);
  return servers.length > 0 && servers.every((server) => server === '127.0.0.53');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Where the engine answers inside of containers in networks that someone created; docker's address. */
export const embeddedServer = '127.0.0.11';
