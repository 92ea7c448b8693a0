import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Attaches to a container over an engine's socket and hands over the connection; what is printed comes in frames
 * unless the container has a terminal. Nothing is read before someone listens.
 */
export async function attached(socketPath: string, container: string, query: string): Promise<Socket> {
  const outgoing = request({
    ...{ socketPath, method: 'POST', path: `/v1.41/containers/${container}/attach?${query}`, agent: false },
    headers: { Connection: 'Upgrade', Upgrade: 'tcp' },
  });
  outgoing.end();
  const [, socket, head] = (await once(outgoing, 'upgrade')) as [unknown, Socket, Buffer];
  if (head.length > 0) socket.unshift(head);
  return socket;
}
