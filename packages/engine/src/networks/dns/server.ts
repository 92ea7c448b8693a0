import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import packet, { type DecodedPacket, type Packet } from 'dns-packet';
import { messageOf } from '../../errors.ts';
import { insideNetwork, openBoundSocket } from '../../kernel/netns.ts';
import { log } from '../../log.ts';
import { run } from '../../process.ts';
import { embeddedServer } from '../resolver.ts';
import { answerLocally, encodeForDatagram, reply, serverFailure } from './answer.ts';
import type { Directory } from './directory.ts';
import { createForwarder, type Transport } from './forward.ts';

/**
 * Answers containers that ask for names, on an address of their own loopback device: who asks is known by the
 * socket, so that nobody can ask or answer in another's name, and no firewall of the host is in between.
 */
export interface NameServer {
  /** Begins to answer a container with this network namespace. */
  open(containerId: string, namespace: string): Promise<void>;
  close(containerId: string): void;
  closeAll(): void;
  /** Containers have come, gone or changed their names. */
  changed(): void;
}

export interface NameServerDependencies {
  directory: Directory;
  /** The servers to ask for a container what the engine does not know. */
  upstreams(containerId: string): readonly string[];
}

/** Connections of one container at once. */
const mostConnections = 64;
/** Milliseconds after which a connection that says nothing is closed. */
const idle = 10_000;

export function createNameServer({ directory, upstreams }: NameServerDependencies): NameServer {
  const open = new Map<string, { datagrams: Datagrams; streams: Server; connections: Set<Socket> }>();
  const forwarder = createForwarder();

  async function answer(containerId: string, query: Buffer, transport: Transport): Promise<Buffer | null> {
    const decoded = decode(query);
    if (!decoded) return null;
    const encode = (local: Packet) =>
      transport === 'udp' ? encodeForDatagram(local, decoded) : packet.encode(local);
    const local = answerLocally(decoded, containerId, directory);
    if (local) return encode(local);
    const servers = directory.isOpen(containerId) ? upstreams(containerId) : [];
    const found = await forwarder.ask(query, transport, servers);
    return found ?? encode(reply(decoded, [], serverFailure));
  }

  function close(containerId: string): void {
    const sockets = open.get(containerId);
    open.delete(containerId);
    sockets?.datagrams.close();
    sockets?.streams.close();
    for (const connection of sockets?.connections ?? []) connection.destroy();
  }

  return {
    async open(containerId, namespace) {
      if (open.has(containerId)) return;
      const descriptors = insideNetwork(namespace, () => ({
        udp: openBoundSocket('datagram', embeddedServer),
        tcp: openBoundSocket('stream', embeddedServer),
      }));
      const datagrams = createSocket('udp4');
      datagrams.on('message', (query, { address, port }) => {
        answer(containerId, query, 'udp').then(
          (bytes) => bytes && open.has(containerId) && datagrams.send(bytes, port, address, () => undefined),
          (error) => log.debug('cannot answer a question for a name', { error: messageOf(error) }),
        );
      });
      const connections = new Set<Socket>();
      const streams = createServer((connection) => {
        if (connections.size >= mostConnections) return void connection.destroy();
        connections.add(connection);
        connection.on('close', () => connections.delete(connection)).on('error', () => connection.destroy());
        converse(connection, (query) => answer(containerId, query, 'tcp'));
      });
      open.set(containerId, { datagrams, streams, connections });
      for (const one of [datagrams, streams]) one.on('error', () => undefined);
      try {
        await Promise.all([
          new Promise<void>((resolve) => datagrams.bind({ fd: descriptors.udp }, resolve)),
          new Promise<void>((resolve) => streams.listen({ fd: descriptors.tcp }, resolve)),
        ]);
        datagrams.unref();
        streams.unref();
        const address = streams.address();
        const rules = rulesFor(
          datagrams.address().port,
          typeof address === 'object' ? (address?.port ?? 0) : 0,
        );
        // Started in there, it stays in there.
        await insideNetwork(namespace, () => run('nft', ['-f', '-'], { input: rules }));
      } catch (error) {
        close(containerId);
        throw error;
      }
    },
    close,
    closeAll() {
      for (const containerId of [...open.keys()]) close(containerId);
    },
    changed: () => directory.changed(),
  };
}

/**
 * Leads what goes to port 53 of the address to the ports that the engine got: port 53 itself is left to containers
 * that are name servers.
 */
function rulesFor(udp: number, tcp: number): string {
  const to = (protocol: string, port: number) =>
    `ip daddr ${embeddedServer} ${protocol} dport 53 dnat to ${embeddedServer}:${port}`;
  return [
    'add table ip davit_dns; delete table ip davit_dns',
    'table ip davit_dns { chain output { type nat hook output priority -100; policy accept',
    `${to('udp', udp)}; ${to('tcp', tcp)}; }; }\n`,
  ].join('; ');
}

function decode(query: Buffer): DecodedPacket | null {
  try {
    const decoded = packet.decode(query);
    return decoded.type === 'query' ? decoded : null;
  } catch {
    return null;
  }
}

/** Questions on a stream come with their length before them, and so do answers: RFC 7766. */
function converse(connection: Socket, answer: (query: Buffer) => Promise<Buffer | null>): void {
  let bytes = Buffer.alloc(0);
  connection.setTimeout(idle, () => connection.destroy());
  connection.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE()) {
      const end = 2 + bytes.readUInt16BE();
      const query = bytes.subarray(2, end);
      bytes = bytes.subarray(end);
      answer(query).then(
        (found) => {
          if (!found) return void connection.destroy();
          const length = Buffer.alloc(2);
          length.writeUInt16BE(found.length);
          if (!connection.destroyed) connection.write(Buffer.concat([length, found]));
        },
        () => connection.destroy(),
      );
    }
  });
}
