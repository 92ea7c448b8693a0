import { readFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ConnectionError } from './errors.ts';

/** Files of TLS material and whether the server must prove who it is. */
export interface TlsFiles {
  ca?: string;
  cert?: string;
  key?: string;
  verify: boolean;
}

type SocketTarget = { path: string } | { host: string; port: number };

/** An engine's address, read: where to connect to and what requests carry in their Host header. */
export interface Address {
  /** As it was given, for messages. */
  readonly host: string;
  readonly target: SocketTarget | { ssh: true };
  readonly tls?: TlsFiles;
  /** Prefix of all paths, for engines behind a proxy. */
  readonly basePath: string;
}

/** Reads `unix://…`, `npipe://…`, `tcp://…` and `ssh://…`. Throws ConnectionError for what cannot be connected to. */
export function parseAddress(host: string, tls?: TlsFiles): Address {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/s.exec(host) ?? [];
  if ((scheme === 'unix' || scheme === 'npipe') && rest !== '')
    return { host, target: { path: rest }, basePath: '' };
  if (scheme === 'tcp' || scheme === 'http' || scheme === 'https') {
    const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : null;
    if (url?.hostname) {
      const port = url.port === '' ? (tls ? 2376 : 2375) : Number(url.port);
      const hostname = url.hostname.replace(/^\[|\]$/g, '');
      return { host, target: { host: hostname, port }, tls, basePath: url.pathname.replace(/\/$/, '') };
    }
  }
  if (scheme === 'ssh') return { host, target: { ssh: true }, basePath: '' };
  throw new ConnectionError(`unable to parse docker host \`${host}\``);
}

/** Opens a connection to an engine. Rejects with the system's own error. */
export async function dial({ host, target, tls }: Address): Promise<Duplex> {
  if ('ssh' in target) {
    const { dialSsh, parseSsh } = await import('./ssh.ts');
    return dialSsh(parseSsh(host), host);
  }
  const socket = tls ? await dialTls(target, tls) : connectSocket({ ...target, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      socket.off('error', settle).off('connect', connected).off('secureConnect', connected);
      if (error) reject(error);
      else resolve(socket);
    };
    const connected = () => settle();
    socket.once('error', settle).once(tls ? 'secureConnect' : 'connect', connected);
  });
}

async function dialTls(target: SocketTarget, files: TlsFiles): Promise<TLSSocket> {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [ca, cert, key] = await Promise.all([read(files.ca), read(files.cert), read(files.key)]);
  const servername = 'host' in target && !/^[\d.]+$|:/.test(target.host) ? target.host : undefined;
  const options = { ca, cert, key, servername, rejectUnauthorized: files.verify, allowHalfOpen: true };
  return connectTls({ ...target, ...options });
}
