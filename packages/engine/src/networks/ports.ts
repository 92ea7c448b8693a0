import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { EngineError } from '../errors.ts';
import { log } from '../log.ts';
import { collide, type PortRequest, type PublishedPort } from './portmap.ts';
import { holdSctp, type Relay, type RelayTarget, relayTcp, relayUdp } from './relay.ts';

/** The ports of the host that containers have. */
export interface PortAllocator {
  /**
   * Takes ports for a container with this address: all that were asked for, or none. On addresses of the host whose
   * kind `isRouted` tells of, none is taken: the container's own port is what is reached.
   */
  take(
    containerId: string,
    requests: readonly PortRequest[],
    address: string,
    isRouted?: (hostIp: string) => boolean,
  ): Promise<PublishedPort[]>;
  /** Takes the ports again that a container had before the engine was restarted. */
  retake(containerId: string, ports: readonly PublishedPort[], address: string): Promise<void>;
  release(containerId: string): void;
}

type Claim = PublishedPort & { relay: Relay | null };

export function createPortAllocator(): PortAllocator {
  const claims = new Map<string, Claim[]>();
  const range = ephemeralRange();
  let next = range.first;

  const isClaimed = (port: PublishedPort) =>
    claims.values().some((owned) => owned.some((other) => collide(port, other)));

  /** Claims ports at once, so that nobody else is given them while they are opened; null when one is not free. */
  function claim(containerId: string, wanted: PublishedPort[]): Claim[] | null {
    if (wanted.some(isClaimed)) return null;
    const made = wanted.map((port) => ({ ...port, relay: null }));
    claims.set(containerId, [...(claims.get(containerId) ?? []), ...made]);
    return made;
  }

  function drop(containerId: string, dropped: readonly Claim[]): void {
    for (const { relay } of dropped) relay?.close();
    const kept = (claims.get(containerId) ?? []).filter((one) => !dropped.includes(one));
    if (kept.length > 0) claims.set(containerId, kept);
    else claims.delete(containerId);
  }

  /** The ports of the host to try, in order. */
  function* candidates({ first, last }: PortRequest): Generator<number> {
    if (first > 0) {
      for (let port = first; port <= last; port++) yield port;
      return;
    }
    for (let step = range.first; step <= range.last; step++) {
      const port = next;
      next = port >= range.last ? range.first : port + 1;
      yield port;
    }
  }

  async function takeOne(
    containerId: string,
    request: PortRequest,
    address: string,
    addresses: readonly string[],
  ): Promise<Claim[]> {
    const { containerPort, protocol } = request;
    const only = request.first > 0 && request.first === request.last;
    for (const hostPort of candidates(request)) {
      const wanted = addresses.map((hostIp) => ({
        containerPort,
        protocol,
        hostIp,
        hostPort,
      }));
      const claimed = claim(containerId, wanted);
      if (!claimed) continue;
      try {
        for (const one of claimed) await open(one, address);
        return claimed;
      } catch (error) {
        drop(containerId, claimed);
        if (!isInUse(error) || only) throw bindError(error, wanted, address);
      }
    }
    const [hostIp] = addresses;
    const port = only ? request.first : `${request.first}-${request.last}`;
    const reason = only ? 'port is already allocated' : 'all ports are allocated';
    throw new EngineError('internal', `Bind for ${hostIp}:${port} failed: ${reason}`);
  }

  return {
    async take(containerId, requests, address, isRouted = () => false) {
      try {
        const taken: PublishedPort[] = [];
        for (const request of requests) {
          const [mapped, routed] = split(hostAddresses(request), isRouted);
          const { containerPort, protocol } = request;
          for (const hostIp of new Set(routed.map(everyAddressLike)))
            taken.push({ containerPort, protocol, hostIp, hostPort: 0 });
          if (mapped.length === 0) continue;
          for (const { relay: _, ...port } of await takeOne(containerId, request, address, mapped))
            taken.push(port);
        }
        const kind = ({ hostIp }: PublishedPort) => Number(isIPv6(hostIp));
        return taken.sort((a, b) => a.containerPort - b.containerPort || kind(a) - kind(b));
      } catch (error) {
        drop(containerId, claims.get(containerId) ?? []);
        throw error;
      }
    },
    async retake(containerId, ports, address) {
      const mapped = ports.filter(({ hostPort }) => hostPort !== 0);
      for (const one of claim(containerId, mapped) ?? []) {
        await open(one, address).catch((error) => {
          const port = `${one.hostIp}:${one.hostPort}/${one.protocol}`;
          log.warn('a published port is held by another process now', { port, error: String(error) });
        });
      }
    },
    release: (containerId) => drop(containerId, claims.get(containerId) ?? []),
  };
}

function split<T>(all: readonly T[], isSecond: (one: T) => boolean): [first: T[], second: T[]] {
  return [all.filter((one) => !isSecond(one)), all.filter(isSecond)];
}

function everyAddressLike(hostIp: string): string {
  return isIPv6(hostIp) ? '::' : '0.0.0.0';
}

/** Opens the socket that holds a port. */
async function open(claim: Claim, address: string): Promise<void> {
  const target: RelayTarget = { address, port: claim.containerPort };
  if (claim.protocol === 'tcp') claim.relay = await relayTcp(claim.hostIp, claim.hostPort, target);
  if (claim.protocol === 'udp') claim.relay = await relayUdp(claim.hostIp, claim.hostPort, target);
  if (claim.protocol === 'sctp') claim.relay = await holdSctp(claim.hostIp, claim.hostPort);
}

/** The addresses to bind to: those of both kinds when none was named, as far as they lead anywhere. */
function hostAddresses({ hostIp, protocol }: PortRequest): string[] {
  if (hostIp !== '') return [hostIp];
  return protocol !== 'sctp' && hasIPv6Address() ? ['0.0.0.0', '::'] : ['0.0.0.0'];
}

function hasIPv6Address(): boolean {
  return read('/proc/net/if_inet6') !== '';
}

/** The ports that the kernel itself gives out; docker chooses from the same. */
function ephemeralRange(): { first: number; last: number } {
  const match = /^(\d+)\s+(\d+)/.exec(read('/proc/sys/net/ipv4/ip_local_port_range'));
  return match ? { first: Number(match[1]), last: Number(match[2]) } : { first: 49153, last: 60999 };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isInUse(error: unknown): boolean {
  return codeOf(error) === 'EADDRINUSE';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const reasons: Record<string, string> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
  EPROTONOSUPPORT: 'protocol not supported (modprobe sctp loads it where the kernel has it as a module)',
};

function bindError(error: unknown, wanted: PublishedPort[], address: string): EngineError {
  const failed = wanted.find(
    ({ hostIp }) => error instanceof Error && 'address' in error && error.address === hostIp,
  );
  const { hostIp, hostPort, containerPort, protocol } = failed ?? (wanted[0] as PublishedPort);
  const host = `${isIPv6(hostIp) ? `[${hostIp}]` : hostIp}:${hostPort}`;
  const reason = reasons[codeOf(error)] ?? String(error);
  return new EngineError(
    'internal',
    `failed to bind host port for ${host}:${address}:${containerPort}/${protocol}: ${reason}`,
  );
}
