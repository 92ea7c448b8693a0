import { isIP, isIPv6 } from 'node:net';
import type { PortMap } from '@davit/api';
import { EngineError } from '../errors.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** A port of a container that is to be reached through the host. */
export interface PortRequest {
  containerPort: number;
  protocol: Protocol;
  /** The host's addresses that it shall be reached on; no address stands for all of them. */
  hostIp: string;
  /** The host's ports to choose from; 0 to 0 stands for any. */
  first: number;
  last: number;
}

/** A port of the host that leads to one of a container; 0 for one that is reached at the container's own address. */
export interface PublishedPort {
  containerPort: number;
  protocol: Protocol;
  hostIp: string;
  hostPort: number;
}

export interface PortOptions {
  portBindings: PortMap | null;
  exposedPorts: readonly string[];
  publishAll: boolean;
}

/** Reads what was asked for, ordered by the container's port. Throws a bad parameter. */
export function parsePortRequests(options: PortOptions): PortRequest[] {
  const requests: PortRequest[] = [];
  const bound = new Set<string>();
  for (const [name, bindings] of Object.entries(options.portBindings ?? {})) {
    const { protocol, first: containerPort, last } = parsePort(name);
    if (containerPort !== last) refuse(name);
    for (const binding of bindings ?? []) {
      bound.add(`${containerPort}/${protocol}`);
      if (protocol === 'sctp' && isIPv6(hostIp(binding.HostIp))) {
        throw new EngineError('badParameter', 'ports of SCTP are published on IPv4 addresses alone');
      }
      requests.push({
        containerPort,
        protocol,
        ...parseHostPort(binding.HostPort),
        hostIp: hostIp(binding.HostIp),
      });
    }
  }
  if (options.publishAll) {
    for (const { port, protocol } of exposed(options)) {
      if (bound.has(`${port}/${protocol}`)) continue;
      requests.push({ containerPort: port, protocol, hostIp: '', first: 0, last: 0 });
    }
  }
  // Ports that were named go before those that any will do for, or these might take them.
  return requests.sort(
    (a, b) => Number(a.first === 0) - Number(b.first === 0) || a.containerPort - b.containerPort,
  );
}

/** The ports of a container as the API shows them: what is exposed and not published is null. */
export function portMapOf(published: readonly PublishedPort[], options: PortOptions): PortMap {
  const map: PortMap = {};
  for (const { port, protocol } of exposed(options)) map[`${port}/${protocol}`] = null;
  for (const { containerPort, protocol, hostIp: HostIp, hostPort } of published) {
    const name = `${containerPort}/${protocol}`;
    map[name] = [...(map[name] ?? []), { HostIp, HostPort: hostPort === 0 ? '' : String(hostPort) }];
  }
  return map;
}

/** The published ports in what the API shows. */
export function publishedIn(map: PortMap): PublishedPort[] {
  return Object.entries(map).flatMap(([name, bindings]) => {
    const { protocol, first } = parsePort(name);
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      containerPort: first,
      protocol,
      hostIp: HostIp,
      hostPort: Number(HostPort),
    }));
  });
}

/** Whether two ports of the host cannot both be given: an address is part of all addresses of its kind. */
export function collide(
  first: Pick<PublishedPort, 'protocol' | 'hostIp' | 'hostPort'>,
  second: Pick<PublishedPort, 'protocol' | 'hostIp' | 'hostPort'>,
): boolean {
  if (first.protocol !== second.protocol || first.hostPort !== second.hostPort) return false;
  if (isIPv6(first.hostIp) !== isIPv6(second.hostIp)) return false;
  return first.hostIp === second.hostIp || isEveryAddress(first.hostIp) || isEveryAddress(second.hostIp);
}

function isEveryAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function exposed(options: PortOptions): { port: number; protocol: Protocol }[] {
  return [...Object.keys(options.portBindings ?? {}), ...options.exposedPorts].flatMap((name) => {
    const { protocol, first, last } = parsePort(name);
    return Array.from({ length: last - first + 1 }, (_, index) => ({ port: first + index, protocol }));
  });
}

/** Reads `80`, `80/tcp` or `8000-8010/udp`. */
function parsePort(name: string): { protocol: Protocol; first: number; last: number } {
  const [range = '', protocol = 'tcp', ...rest] = name.toLowerCase().split('/');
  if (rest.length > 0 || (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp')) {
    throw new EngineError('badParameter', `invalid proto: ${protocol}`);
  }
  const { first, last } = parseRange(range);
  if (first === 0) refuse(range);
  return { protocol, first, last };
}

function parseHostPort(text: string): { first: number; last: number } {
  return text === '' ? { first: 0, last: 0 } : parseRange(text);
}

function parseRange(text: string): { first: number; last: number } {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) refuse(text);
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first > last || last > 65535) refuse(text);
  return { first, last };
}

function hostIp(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (bare !== '' && isIP(bare) === 0) throw new EngineError('badParameter', `invalid IP address: ${text}`);
  return bare;
}

function refuse(port: string): never {
  throw new EngineError('badParameter', `invalid port specification: ${JSON.stringify(port)}`);
}
