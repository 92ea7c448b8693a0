import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, isIP, type NetConnectOpts, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { messageOf } from '../errors.ts';
import { connectDatagrams } from '../kernel/datagram.ts';
import { type Delivery, MessageRefused } from './destination.ts';

/** How long a destination may take to be reached, in milliseconds. */
const patience = 10_000;
/** How long one may take to read what was sent before the end, in milliseconds. */
const lingering = 10_000;

/** Files of certificates, as the options name them; empty or left out: none. */
export interface TlsFiles {
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
  skipVerify: boolean;
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'connect: connection refused',
  ENOENT: 'connect: no such file or directory',
  EPROTOTYPE: 'connect: protocol wrong type for socket',
  EACCES: 'connect: permission denied',
  ENOTFOUND: 'no such host',
};

/** Says in dockerd's words why a destination is not reached. */
function dialError(network: string, address: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new Error(`dial ${network} ${address}: ${reasons[code] ?? messageOf(error)}`);
}

/** Sends each message as one datagram, of which none is sure to arrive. Rejects when there is no such host. */
export async function openUdp(host: string, port: number): Promise<Delivery> {
  const isV6 = host.includes(':');
  const socket = createSocket(isV6 ? 'udp6' : 'udp4');
  // An answer that nobody listens there is of a message before, which is lost already.
  socket.on('error', () => undefined);
  socket.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, host, () => {
        socket.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    socket.close();
    throw dialError('udp', `${host}:${port}`, error);
  }
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        socket.send(bytes, (error) => {
          if ((error as NodeJS.ErrnoException | null)?.code === 'EMSGSIZE') {
            reject(new MessageRefused('it is too long'));
          } else resolve();
        });
      }),
    close: () => socket.close(),
  };
}

/** Sends each message as one datagram to a unix socket, and waits while there is no room. Throws when nobody listens. */
export function openDatagrams(path: string): Delivery {
  let socket: ReturnType<typeof connectDatagrams>;
  try {
    socket = connectDatagrams(path);
  } catch (error) {
    throw dialError('unixgram', path, error);
  }
  let closed = false;
  return {
    async send(bytes) {
      try {
        for (let wait = 1; ; wait = Math.min(wait * 2, 100)) {
          if (closed) throw new Error(`the socket to ${path} is closed`);
          if (socket.send(bytes)) return;
          await pause(wait);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EMSGSIZE') throw new MessageRefused('it is too long');
        throw error;
      }
    },
    close() {
      if (!closed) socket.close();
      closed = true;
    },
  };
}

/** Sends messages one after the other over a stream, encrypted when there is something said of that. */
export async function openStream(to: NetConnectOpts, tls?: TlsFiles): Promise<Delivery> {
  const isLocal = 'path' in to;
  const address = isLocal ? to.path : `${to.host}:${to.port}`;
  const read = (path = '') => (path === '' ? undefined : readFileSync(path));
  const options = tls && {
    ...{ ca: read(tls.ca), cert: read(tls.cert), key: read(tls.key) },
    rejectUnauthorized: !tls.skipVerify,
    // Said to one who has several certificates (RFC 6066, section 3); an address is no name.
    ...(!isLocal && to.host && isIP(to.host) === 0 && { servername: to.host }),
  };
  let opened: Socket | undefined;
  try {
    opened = options ? connectTls({ ...to, ...options }) : connect(to);
    await once(opened, options ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(patience) });
  } catch (error) {
    opened?.destroy();
    throw dialError(isLocal ? 'unix' : 'tcp', address, error);
  }
  const socket = opened;
  const closed = () => new Error(`the connection to ${address} is closed`);
  // What is left to say comes with the next message.
  socket.on('error', () => undefined);
  // Whatever the other side says is not for us, but its end is.
  socket.resume();
  socket.unref();
  return {
    async send(bytes) {
      if (!socket.writable || socket.readableEnded) throw closed();
      if (socket.write(bytes)) return;
      const done = new AbortController();
      try {
        await Promise.race([
          once(socket, 'drain', { signal: done.signal }),
          once(socket, 'close', { signal: done.signal }),
        ]);
      } finally {
        done.abort();
      }
      if (socket.destroyed) throw closed();
    },
    // What is written is still sent, to one who takes it.
    close() {
      socket.end();
      const timer = setTimeout(() => socket.destroy(), lingering).unref();
      socket.once('close', () => clearTimeout(timer));
    },
  };
}
