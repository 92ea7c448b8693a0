import { chmod, chown, lstat, mkdir, readFile, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { ServerOptions as TlsServerOptions } from 'node:https';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { EngineError, messageOf } from '../errors.ts';
import { checkSafety, formatHost, type Host } from './hosts.ts';

export interface ListenSettings {
  /** Group that may use the engine's Unix sockets. */
  group: string;
  tls: { enabled: boolean; verify: boolean; caCert: string; cert: string; key: string };
  /** Whether the user wants an address that others reach to be served without checking who calls. */
  insecure: boolean;
  /** Descriptors of inherited sockets, for `fd://`. */
  inherited: number[];
}

export interface Listener {
  address: string;
  /** Takes no more connections; those that are open live on. */
  close(): void;
}

/** Listens where it is told; `open` makes the HTTP servers. */
export async function listen(
  host: Host,
  settings: ListenSettings,
  open: (tls?: TlsServerOptions) => Server,
): Promise<Listener[]> {
  switch (host.kind) {
    case 'unix':
      return [await listenOnPath(host.path, settings.group, open())];
    case 'tcp':
      return [await listenOnAddress(host, settings, open)];
    case 'fd':
      return listenOnInherited(settings, open);
  }
}

async function listenOnPath(path: string, group: string, server: Server): Promise<Listener> {
  await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  const found = await lstat(path).catch(() => null);
  if (found && !found.isSocket()) throw new EngineError('conflict', `${path} is there and is no socket`);
  if (found && (await answers(path)))
    throw new EngineError('conflict', `something listens on ${path} already`);
  await rm(path, { force: true });
  // The socket is made within the call of listen, and must not be open to others for a moment.
  const umask = process.umask(0o177);
  const started = start(server, { path });
  process.umask(umask);
  await started;
  await chown(path, 0, await groupId(group));
  await chmod(path, 0o660);
  return { address: `unix://${path}`, close: () => server.close() };
}

async function listenOnAddress(
  host: Extract<Host, { kind: 'tcp' }>,
  settings: ListenSettings,
  open: (tls?: TlsServerOptions) => Server,
): Promise<Listener> {
  const { tls } = settings;
  checkSafety(host.host, formatHost(host), settings);
  const server = tls.enabled ? await openWithTls(tls, open) : open();
  await start(server, { host: host.host, port: host.port });
  return { address: formatHost(host), close: () => server.close() };
}

async function listenOnInherited(settings: ListenSettings, open: () => Server): Promise<Listener[]> {
  if (settings.inherited.length === 0) {
    throw new EngineError(
      'badParameter',
      'fd:// needs a socket from systemd (davit.socket), and none was passed on',
    );
  }
  return Promise.all(
    settings.inherited.map(async (fd) => {
      const server = open();
      await start(server, { fd });
      const address = server.address();
      // systemd's sockets are served without TLS, whatever the flags say: they are meant to be local ones.
      if (address !== null && typeof address === 'object') {
        const { insecure } = settings;
        const name = `fd:// (${address.address}:${address.port})`;
        checkSafety(address.address, name, { insecure, tls: { verify: false } });
      }
      return { address: `fd://${fd}`, close: () => server.close() };
    }),
  );
}

async function openWithTls(
  tls: ListenSettings['tls'],
  open: (tls: TlsServerOptions) => Server,
): Promise<Server> {
  const certificates = await readCertificates(tls);
  try {
    return open(certificates);
  } catch (error) {
    throw new EngineError('badParameter', `cannot use ${tls.cert} with ${tls.key}: ${messageOf(error)}`);
  }
}

function start(server: Server, where: { path: string } | { host: string; port: number } | { fd: number }) {
  return new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new EngineError('unavailable', `cannot listen: ${messageOf(error)}`, { cause: error })),
    );
    server.listen({ ...where, backlog: 511 }, resolve);
  });
}

/** Whether a process listens behind a path: a socket that a dead one left refuses connections. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else if (error.code === 'EAGAIN') resolve(true);
      else reject(new EngineError('unavailable', `cannot listen on ${path}: ${messageOf(error)}`));
    });
  });
}

/** The group that owns the socket: the one that is named, else root's. */
async function groupId(name: string): Promise<number> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  for (const wanted of name === '' ? ['davit', 'docker'] : [name]) {
    const line = groups.split('\n').find((entry) => entry.startsWith(`${wanted}:`));
    const id = /^\d+$/.test(wanted) ? wanted : line?.split(':')[2];
    if (id !== undefined) return Number(id);
  }
  if (name !== '') throw new EngineError('badParameter', `the group ${name} of --group does not exist`);
  return 0;
}

async function readCertificates(tls: ListenSettings['tls']): Promise<TlsServerOptions> {
  const read = (path: string, flag: string) =>
    readFile(path).catch((error) => {
      throw new EngineError('badParameter', `cannot read the file of ${flag}: ${messageOf(error)}`);
    });
  return {
    cert: await read(tls.cert, '--tlscert'),
    key: await read(tls.key, '--tlskey'),
    ...(tls.verify && {
      ca: await read(tls.caCert, '--tlscacert'),
      requestCert: true,
      rejectUnauthorized: true,
    }),
    minVersion: 'TLSv1.2',
  };
}
