import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { messageOf } from '../../errors.ts';
import { insideNetwork } from '../../kernel/netns.ts';
import { log } from '../../log.ts';
import { run } from '../../process.ts';
import { embeddedServer } from '../resolver.ts';
import type { Transport } from './forward.ts';
import { type Both, openBoth, takeOver } from './sockets.ts';

/** Answers a question as its bytes came; null for what deserves no answer. */
export type Answerer = (query: Buffer, transport: Transport) => Promise<Buffer | null>;

/** The sockets that one network namespace is answered by. */
export interface Listener {
  /** Says who answers from now on. What was asked before is not answered. */
  serve(answer: Answerer): void;
  close(): void;
}

/** Connections of one container at once. */
const mostConnections = 64;
/** Milliseconds after which a connection that says nothing is closed. */
const idle = 10_000;

/**
 * Listens in a network namespace whose loopback device is up, on the address of the embedded server, for UDP and
 * TCP. Leaves nothing open on failure.
 */
export async function listenInside(namespace: string): Promise<Listener> {
  let answer: Answerer = async () => null;
  let isOpen = true;
  const connections = new Set<Socket>();
  const descriptors = insideNetwork(namespace, () => openBoth(embeddedServer));
  const datagrams = createSocket('udp4').on('message', (query, { address, port }) => {
    answer(query, 'udp').then(
      (bytes) => bytes && isOpen && datagrams.send(bytes, port, address, () => undefined),
      (error) => log.debug('cannot answer a question for a name', { error: messageOf(error) }),
    );
  });
  const streams = createServer((connection) => {
    if (connections.size >= mostConnections) return void connection.destroy();
    connections.add(connection);
    connection.on('close', () => connections.delete(connection)).on('error', () => connection.destroy());
    converse(connection, (query) => answer(query, 'tcp'));
  });
  for (const one of [datagrams, streams]) one.on('error', () => undefined);

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    datagrams.close();
    streams.close();
    for (const connection of connections) connection.destroy();
  }

  try {
    const ports = await takeOver(datagrams, streams, descriptors);
    // Started in there, it stays in there.
    await insideNetwork(namespace, () => run('nft', ['-f', '-'], { input: rulesFor(ports) }));
  } catch (error) {
    close();
    throw error;
  }
  return {
    serve: (next) => {
      answer = next;
    },
    close,
  };
}

/**
 * Leads what goes to port 53 of the address to the ports that the engine got: port 53 itself is left to containers
 * that are name servers.
 */
function rulesFor({ udp, tcp }: Both): string {
  const to = (protocol: string, port: number) =>
    `ip daddr ${embeddedServer} ${protocol} dport 53 dnat to ${embeddedServer}:${port}`;
  return [
    'add table ip davit_dns; delete table ip davit_dns',
    'table ip davit_dns { chain output { type nat hook output priority -100; policy accept',
    `${to('udp', udp)}; ${to('tcp', tcp)}; }; }\n`,
  ].join('; ');
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
