import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { EngineError } from '../errors.ts';

/** Where the engine listens. */
export type Host =
  | { kind: 'unix'; path: string }
  | { kind: 'tcp'; host: string; port: number }
  /** Sockets that were opened by the one who started the engine (systemd). */
  | { kind: 'fd' };

const longestPath = 107;

/** Reads a value of `--host`; `tcp://` without an address is for this machine, without a port for that of docker. */
export function parseHost(text: string, tls: boolean): Host {
  const [, scheme = 'tcp', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/s.exec(text) ?? [];
  if (scheme === 'unix' && Buffer.byteLength(rest) > longestPath) {
    throw new EngineError(
      'badParameter',
      `the path of ${text} is longer than the ${longestPath} bytes that the kernel takes for a socket`,
    );
  }
  if (scheme === 'unix' && isAbsolute(rest)) return { kind: 'unix', path: rest };
  if (scheme === 'fd') return { kind: 'fd' };
  if (scheme === 'tcp') {
    const parts = /^(\[[0-9a-fA-F:.]*\]|[^:/[\]]*)(?::(\d{1,5}))?\/?$/.exec(rest);
    const port = Number(parts?.[2] ?? (tls ? 2376 : 2375));
    if (parts && port > 0 && port < 65536)
      return { kind: 'tcp', host: (parts[1] ?? '').replace(/[[\]]/g, '') || '127.0.0.1', port };
  }
  throw new EngineError(
    'badParameter',
    `invalid host ${JSON.stringify(text)}: it must look like unix:///path, tcp://address:port or fd://`,
  );
}

/** How a host is written. */
export function formatHost(host: Host): string {
  if (host.kind === 'fd') return 'fd://';
  if (host.kind === 'unix') return `unix://${host.path}`;
  return `tcp://${isIP(host.host) === 6 ? `[${host.host}]` : host.host}:${host.port}`;
}

/** Whether an address is reached from this machine alone. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

/** Refuses to let an address that others reach do what root does, unless clients show certificates or the user wants it. */
export function checkSafety(
  address: string,
  name: string,
  { tls, insecure }: { tls: { verify: boolean }; insecure: boolean },
): void {
  if (tls.verify || insecure || isLoopback(address)) return;
  throw new EngineError(
    'forbidden',
    `${name} would make everyone who reaches it root of this machine. Use --tlsverify with --tlscacert, --tlscert and --tlskey; if it really is to be open, say so with --tls=false`,
  );
}
