import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { connect, createServer, isIPv6, type Socket } from 'node:net';
import { openBoundSocket } from '../kernel/netns.ts';

/** A port of the host that this process holds, and carries to a container what the kernel's rules do not. */
export interface Relay {
  close(): void;
}

export interface RelayTarget {
  address: string;
  port: number;
}

/**
 * Listens on a TCP port of the host. The kernel redirects IPv4 before it gets here (see firewall.ts), so that
 * this only holds the port against others; IPv6, and IPv4 while the rules are flushed, is carried by hand.
 */
export async function relayTcp(hostIp: string, hostPort: number, target: RelayTarget): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    const upstream = connect({ host: target.address, port: target.port, allowHalfOpen: true, noDelay: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => other.resetAndDestroy());
      socket.pipe(other);
    }
  });
  server.listen({ host: hostIp, port: hostPort, ipv6Only: isIPv6(hostIp), exclusive: true });
  await once(server, 'listening');
  // Running out of files is the one error that comes later, and passes.
  server.on('error', () => undefined);
  return {
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Holds a port of SCTP on an IPv4 address against others, and carries nothing: only the kernel's rules do. */
export async function holdSctp(hostIp: string, hostPort: number): Promise<Relay> {
  const descriptor = openBoundSocket('sctp', hostIp, hostPort);
  return { close: () => closeSync(descriptor) };
}

/** A sender that was silent for so long is forgotten. */
const datagramIdle = 90_000;
/** So many senders are remembered at once. */
const mostSenders = 4096;

/** The same for UDP: every sender gets a socket of its own towards the container, by which answers find back. */
export async function relayUdp(hostIp: string, hostPort: number, target: RelayTarget): Promise<Relay> {
  const ipv6 = isIPv6(hostIp);
  const socket = createSocket({ type: ipv6 ? 'udp6' : 'udp4', ipv6Only: ipv6 });
  const senders = new Map<string, { upstream: Datagrams; timer: NodeJS.Timeout }>();

  function forget(key: string): void {
    const sender = senders.get(key);
    clearTimeout(sender?.timer);
    sender?.upstream.close();
    senders.delete(key);
  }

  socket.on('message', (message, { address, port }) => {
    const key = `${address} ${port}`;
    let sender = senders.get(key);
    if (!sender) {
      if (senders.size >= mostSenders) return;
      const upstream = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4');
      upstream.on('message', (answer) => socket.send(answer, port, address, () => undefined));
      // The container refuses: this sender is told nothing, as by a network that loses packets.
      upstream.on('error', () => forget(key));
      upstream.connect(target.port, target.address);
      const timer = setTimeout(() => forget(key), datagramIdle).unref();
      sender = { upstream, timer };
      senders.set(key, sender);
      upstream.once('connect', () => upstream.send(message));
      return;
    }
    sender.timer.refresh();
    sendConnected(sender.upstream, message);
  });
  socket.bind({ address: hostIp, port: hostPort, exclusive: true });
  await once(socket, 'listening');
  socket.on('error', () => undefined);
  return {
    close() {
      for (const key of [...senders.keys()]) forget(key);
      socket.close();
    },
  };
}

function sendConnected(upstream: Datagrams, message: Buffer): void {
  try {
    upstream.send(message, () => undefined);
  } catch {
    // Not connected yet: a datagram may be lost.
  }
}
