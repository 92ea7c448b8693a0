import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { ApiError } from '@davit/api';
import { declaredLength, largestBody } from './body.ts';

/** How long a client may keep a connection open whose other half the engine has ended. */
const lingering = 10_000;

/**
 * Reads the body of a request that asked for an upgrade: node's parser stops behind the headers of such a
 * request, so the body is the first part of what follows. The rest stays in the socket for whoever takes it over.
 */
export async function bodyBeforeUpgrade(request: IncomingMessage, head: Buffer): Promise<Readable> {
  const { socket } = request;
  if (head.length > 0) socket.unshift(head);
  const length = declaredLength(request.headers) ?? 0;
  if (length === 0 || length > largestBody) return Readable.from([]);
  return Readable.from([await readExactly(socket, length)]);
}

function readExactly(socket: Socket, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off('readable', attempt);
      socket.off('close', lost);
      socket.off('end', lost);
    };
    const attempt = () => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes === null) return;
      settle();
      // At the end of its input a socket gives what it has, however little that is.
      if (bytes.length === length) resolve(bytes);
      else reject(new ApiError(400, 'the request body ends early'));
    };
    const lost = () => {
      settle();
      reject(new ApiError(400, 'the request body ends early'));
    };
    socket.on('readable', attempt);
    socket.once('close', lost);
    socket.once('end', lost);
    attempt();
  });
}

/**
 * Makes a raw stream of the connection that a request came on and tells the client so, with `101 UPGRADED` when
 * it asked for that, and with a bodiless `200 OK` otherwise. Both directions end on their own.
 */
export function takeOver(
  request: IncomingMessage,
  response: ServerResponse,
  upgraded: boolean,
  contentType: string,
): Socket {
  const lines = upgraded
    ? ['HTTP/1.1 101 UPGRADED', `Content-Type: ${contentType}`, 'Connection: Upgrade', 'Upgrade: tcp']
    : ['HTTP/1.1 200 OK', `Content-Type: ${contentType}`];
  return detach(request, response, upgraded, lines);
}

/** Takes a connection from node's hands and writes the head of the last answer, to which the general headers are added. */
export function detach(
  request: IncomingMessage,
  response: ServerResponse,
  upgraded: boolean,
  lines: string[],
): Socket {
  const { socket } = request;
  if (!upgraded) {
    // What follows is not HTTP any more: node's parser, which listens here, must not see it.
    socket.removeAllListeners('data');
    socket.removeAllListeners('end');
  }
  response.detachSocket(socket);
  const headers = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}`);
  socket.write(`${[...lines, ...headers].join('\r\n')}\r\n\r\n`);
  return socket;
}

/**
 * Lets go of a connection that was taken over: the client reads the end after all that was written. What it
 * still sends is thrown away until it hangs up, because closing on unread input could cost it the output.
 */
export function letGo(socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  socket.resume();
  closeSoon(socket);
}

/** Closes a connection when its client has not done so in time, whatever is still on the way to it. */
export function closeSoon(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), lingering);
  socket.once('close', () => clearTimeout(timer));
}
