import { connect as connectSocket, type Socket } from 'node:net';
import { ConnectionError } from './errors.ts';

/** Files of TLS material and whether the server must prove who it is. */
export interface TlsFiles {
  ca?: string;
  cert?: string;
  key?: string;
  verify: boolean;
}

/** An engine's address, read: where to connect to and what requests carry in their Host header. */
export interface Address {
  /** As it was given, for messages. */
  readonly host: string;
  readonly target: { path: string } | { host: string; port: number };
  readonly tls?: TlsFiles;
  /** Prefix of all paths, for engines behind a proxy. */
  readonly basePath: string;
}

/** Reads `unix://…` and `tcp://…`. Throws ConnectionError for what cannot be connected to. */
export function parseAddress(host: string, tls?: TlsFiles): Address {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/s.exec(host) ?? [];
  if (scheme === 'unix' && rest !== '') return { host, target: { path: rest }, basePath: '' };
  if (scheme === 'tcp' || scheme === 'http' || scheme === 'https') {
    const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : null;
    if (url?.hostname) {
      const port = url.port === '' ? (tls ? 2376 : 2375) : Number(url.port);
      const hostname = url.hostname.replace(/^\[|\]$/g, '');
      return { host, target: { host: hostname, port }, tls, basePath: url.pathname.replace(/\/$/, '') };
    }
  }
  if (scheme === 'ssh') throw new ConnectionError(`${host}: connections over ssh are not supported yet`);
  throw new ConnectionError(`unable to parse docker host \`${host}\``);
}

/** Opens a connection to an engine. Rejects with the system's own error. */
export async function dial(address: Address): Promise<Socket> {
  const socket = address.tls
    ? await dialTls(address.target, address.tls)
    : connectSocket({ ...address.target, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      socket.off('error', settle).off('connect', connected).off('secureConnect', connected);
      if (error) reject(error);
      else resolve(socket);
    };
    const connected = () => settle();
    socket.once('error', settle).once(address.tls ? 'secureConnect' : 'connect', connected);
  });
}

async function dialTls(target: Address['target'], files: TlsFiles): Promise<Socket> {
  const [{ connect }, { readFile }] = await Promise.all([import('node:tls'), import('node:fs/promises')]);
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [ca, cert, key] = await Promise.all([read(files.ca), read(files.cert), read(files.key)]);
  const servername = 'host' in target && !/^[\d.]+$|:/.test(target.host) ? target.host : undefined;
  return connect({ ...target, ca, cert, key, servername, rejectUnauthorized: files.verify });
}
