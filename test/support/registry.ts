import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { afterAll } from 'vitest';
import { run, start } from './command.ts';
import type { Engine } from './engine.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import { waitFor } from './wait.ts';

/** A registry of Debian's `docker-registry`, in the network namespace of a test. */
export interface TestRegistry {
  /** `address:port`, as it stands in image names. */
  readonly address: string;
  /** Asks it something over HTTP, past all engines. */
  request(path: string, ...curlArguments: string[]): Promise<string>;
  log(): string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  network: NetworkNamespace;
  /** A folder of its own. */
  directory: string;
  /** Where it keeps what is pushed: registries may share that. */
  data?: string;
  host?: string;
  port: number;
  tls?: { certificate: string; key: string; clientCa?: string };
  /** Lines of its configuration. */
  auth?: string[];
}

/** `user` with the password `secret`. */
export const htpasswd = 'user:$2b$04$/4UgA4oKIpbyUnlp/babHO8V37bS.XwPles95gZo9C51KOodo1fWy\n';

export async function startRegistry(options: RegistryOptions): Promise<TestRegistry> {
  const { network, directory, host = '127.0.0.1', port, tls, auth = [] } = options;
  const { data = `${directory}/data` } = options;
  mkdirSync(directory, { recursive: true });
  const address = `${host}:${port}`;
  const secure = tls
    ? [
        '  tls:',
        `    certificate: ${tls.certificate}`,
        `    key: ${tls.key}`,
        ...(tls.clientCa ? ['    clientcas:', `      - ${tls.clientCa}`] : []),
      ]
    : [];
  const lines = [
    ...['version: 0.1', 'log:', '  accesslog:', '    disabled: false'],
    ...['storage:', '  filesystem:', `    rootdirectory: ${data}`, '  delete:', '    enabled: true'],
    ...['http:', `  addr: ${address}`, ...secure],
    ...(auth.length > 0 ? ['auth:', ...auth.map((line) => `  ${line}`)] : []),
  ];
  writeFileSync(`${directory}/config.yml`, `${lines.join('\n')}\n`);
  const logFile = `${directory}/log`;
  const output = openSync(logFile, 'a');
  const [program = '', ...rest] = network.enter(['docker-registry', 'serve', `${directory}/config.yml`]);
  const child = spawn(program, rest, { stdio: ['ignore', output, output] });
  closeSync(output);
  const exited = once(child, 'exit');
  const log = () => readFileSync(logFile, 'utf8');
  await waitFor(() => {
    if (child.exitCode !== null) throw new Error(`docker-registry did not start:\n${log()}`);
    return /listening on /.test(log());
  }, 'docker-registry to listen');
  return {
    address,
    log,
    async request(path, ...curlArguments) {
      const url = `${tls ? 'https' : 'http'}://${address}${path}`;
      const [curl = '', ...args] = network.enter(['curl', '-sSk', ...curlArguments, url]);
      const { code, stdout, stderr } = await run(curl, args);
      if (code !== 0) throw new Error(stderr);
      return stdout;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function openssl(...args: string[]): Promise<void> {
  const { code, stderr } = await run('openssl', args);
  if (code !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}

/** A certificate authority of a test's own, and certificates that it has signed. */
export async function createAuthority(directory: string, host: string) {
  mkdirSync(directory, { recursive: true });
  const at = (name: string) => `${directory}/${name}`;
  const days = ['-days', '2', '-nodes', '-newkey', 'rsa:2048'];
  await openssl(
    'req',
    '-x509',
    ...days,
    '-subj',
    '/CN=test CA',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
  );
  for (const name of ['server', 'client']) {
    await openssl(
      'req',
      '-new',
      ...days.slice(2),
      '-subj',
      `/CN=${name}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
    );
    writeFileSync(at(`${name}.ext`), `subjectAltName=${isIP(host) ? 'IP' : 'DNS'}:${host}\n`);
    await openssl(
      ...['x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.crt'), '-CAkey', at('ca.key')],
      ...['-CAcreateserial', '-days', '2', '-extfile', at(`${name}.ext`), '-out', at(`${name}.crt`)],
    );
  }
  return {
    ca: at('ca.crt'),
    server: at('server.crt'),
    serverKey: at('server.key'),
    client: at('client.crt'),
    clientKey: at('client.key'),
  };
}

/** Starts registries beside an engine, each on a port of its own; they end with the tests of the file. */
export function useRegistries(
  engine: Engine,
): (port: number, more?: Partial<RegistryOptions>) => Promise<TestRegistry> {
  const started: TestRegistry[] = [];
  afterAll(() => Promise.all(started.map((one) => one.stop())));
  return async (port, more = {}) => {
    const directory = `${engine.directory}/registry-${port}`;
    const registry = await startRegistry({ network: engine.network, directory, port, ...more });
    started.push(registry);
    return registry;
  };
}

/** A token server that a registry trusts, in a namespace; returns what the registry's configuration needs. */
export async function startTokenServer(
  network: NetworkNamespace,
  port: number,
  { ca, server, serverKey }: { ca: string; server: string; serverKey: string },
): Promise<{ auth: string[]; stop(): Promise<void> }> {
  const script = new URL('token-server.ts', import.meta.url).pathname;
  const command = [process.execPath, script, '127.0.0.1', String(port), serverKey, server];
  const [program = '', ...rest] = network.enter(command);
  const started = start(program, rest, { env: process.env, timeout: 600_000 });
  await started.prints('listening');
  return {
    auth: [
      'token:',
      `  realm: http://127.0.0.1:${port}/token`,
      '  service: test',
      '  issuer: davit-test',
      `  rootcertbundle: ${ca}`,
    ],
    async stop() {
      started.signal('SIGTERM');
      await started.done;
    },
  };
}
