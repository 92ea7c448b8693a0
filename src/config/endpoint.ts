import { accessSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '../http/dial.ts';
import { readContext } from './contexts.ts';

/** Where an engine is reached. */
export interface Endpoint {
  /** `unix:///run/davit/davit.sock`, `tcp://host:2375`, `ssh://user@host`. */
  readonly host: string;
  /** The engine that comes with davit: started on demand, and named so in errors. */
  readonly bundled: boolean;
  /** Name of the context that it comes from; `default` when none was chosen. */
  readonly context: string;
  readonly tls?: TlsFiles;
}

/** What the command line says about the engine to be used. */
export interface EndpointFlags {
  host: string[];
  context: string | undefined;
  tls: boolean;
  tlscacert: string | undefined;
  tlscert: string | undefined;
  tlskey: string | undefined;
  tlsverify: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface EndpointSources {
  flags: EndpointFlags;
  environment: Environment;
  config: { directory: string; currentContext: string };
  /** Socket of the bundled engine. */
  socket: string;
}

/**
 * Chooses the engine: -H, then --context, DOCKER_HOST, DOCKER_CONTEXT, config.json's currentContext, and when
 * nothing says anything the bundled one. The order and the conflicts are docker's. Throws an Error in its words.
 */
export function chooseEndpoint(sources: EndpointSources): Endpoint {
  const context = contextName(sources);
  try {
    if (context === 'default') return defaultEndpoint(sources);
    const { host, tls } = readContext(sources.config.directory, context);
    return { host: host || defaultEndpoint(sources).host, tls, bundled: false, context };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`Failed to initialize: unable to resolve docker endpoint: ${message}`, { cause: error });
  }
}

/** Name of the context in use, whether or not there is one of that name. Throws when flags contradict each other. */
export function contextName({ flags, environment, config }: EndpointSources): string {
  if (flags.host.length > 0 && flags.context) {
    throw new Error('conflicting options: cannot specify both --host and --context');
  }
  if (flags.context) return flags.context;
  if (flags.host.length > 0 || environment.DOCKER_HOST) return 'default';
  return environment.DOCKER_CONTEXT || config.currentContext || 'default';
}

/** The engine of the context `default`: what -H and DOCKER_HOST say, else the bundled one. */
export function defaultEndpoint(sources: EndpointSources): Endpoint {
  const { flags, environment, socket } = sources;
  if (flags.host.length > 1) throw new Error('Specify only one -H');
  const host = (flags.host[0] ?? environment.DOCKER_HOST ?? '').trim();
  if (host === '') return { host: `unix://${socket}`, bundled: true, context: 'default' };
  const tls = tlsFiles(sources);
  return { host: normaliseHost(host, tls !== undefined), bundled: false, context: 'default', tls };
}

/** Completes an address as docker does: `:99`, `box`, `tcp://`, `unix://` are enough. */
export function normaliseHost(host: string, tls: boolean): string {
  const [, scheme = 'tcp', rest = ''] = /^(?:([^:/]*):\/\/)?(.*)$/s.exec(host) ?? [];
  switch (scheme) {
    case 'unix':
      return `unix://${rest || '/var/run/docker.sock'}`;
    case 'ssh':
      return host;
    case 'tcp': {
      const [, name = '', port = '', path = ''] =
        /^(\[[^\]]*\]|[^:/]*)(?::(\d*))?(\/.*)?$/.exec(rest) ?? refuse(host);
      return `tcp://${name || 'localhost'}:${port || (tls ? 2376 : 2375)}${path}`;
    }
    default:
      return refuse(host);
  }
}

function refuse(host: string): never {
  throw new Error(`invalid bind address format: ${host}`);
}

/** TLS material by flags, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH; undefined when TLS is not wanted. */
function tlsFiles({ flags, environment, config }: EndpointSources): TlsFiles | undefined {
  const verify = flags.tlsverify ?? Boolean(environment.DOCKER_TLS_VERIFY);
  if (!verify && !flags.tls && !environment.DOCKER_TLS) return undefined;
  const directory = environment.DOCKER_CERT_PATH || config.directory;
  const ca = flags.tlscacert ?? join(directory, 'ca.pem');
  if (!readable(ca)) throw new Error(`open ${ca}: no such file or directory`);
  return {
    ca,
    cert: flags.tlscert ?? ifThere(join(directory, 'cert.pem')),
    key: flags.tlskey ?? ifThere(join(directory, 'key.pem')),
    verify,
  };
}

function ifThere(path: string): string | undefined {
  return readable(path) ? path : undefined;
}

function readable(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
