import type { Socket as Datagrams } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { closeSync } from 'node:fs';
import type { Server } from 'node:net';
import { openBoundSocket } from '../../kernel/netns.ts';

/** What belongs to the two protocols of a name server: descriptors, or ports. */
export interface Both {
  udp: number;
  tcp: number;
}

/** Opens a socket for each protocol, bound to an address. Leaves none open when it throws. */
export function openBoth(address: string, open: typeof openBoundSocket = openBoundSocket): Both {
  const udp = open('udp', address);
  try {
    return { udp, tcp: open('tcp', address) };
  } catch (error) {
    closeSync(udp);
    throw error;
  }
}

/** Has Node listen on sockets that are open, and returns the ports that they have. Rejects when it cannot. */
export async function takeOver(datagrams: Datagrams, streams: Server, descriptors: Both): Promise<Both> {
  await Promise.all([
    listening(datagrams, () => datagrams.bind({ fd: descriptors.udp })),
    listening(streams, () => streams.listen({ fd: descriptors.tcp })),
  ]);
  datagrams.unref();
  streams.unref();
  const address = streams.address();
  return { udp: datagrams.address().port, tcp: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

/** Begins to listen, and resolves when it does. */
function listening(socket: EventEmitter, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('listening', resolve);
    socket.once('error', reject);
    begin();
  });
}
