/**
 * davit's client as a library: typed calls to any engine that speaks the Docker Engine API.
 *
 *     import { connect, routes } from 'davit';
 *
 *     const engine = connect();
 *     const { Id } = await engine.call(routes.containerCreate, {
 *       query: { name: 'web' },
 *       body: { Image: 'busybox', Cmd: ['httpd', '-f'] },
 *     });
 *     await engine.call(routes.containerStart, { path: { name: Id } });
 *     for await (const event of await engine.call(routes.events)) console.log(event.Action);
 *     await engine.close();
 */
import type { Endpoint } from './config/endpoint.ts';
import { chooseEndpoint } from './config/endpoint.ts';
import { configDirectory, readConfigFile } from './config/file.ts';
import { engineSocket } from './config/socket.ts';
import { type Client, type ConnectOptions, connect as connectTo } from './http/client.ts';
import type { TlsFiles } from './http/dial.ts';

export type * from '@davit/api';
export { ApiError, apiVersion, buildRoutes, createFrameDecoder, routes, swarmRoutes } from '@davit/api';
export type { ByteAnswer, CallInput, CallResult, Client, EmptyAnswer, Hijacked } from './http/client.ts';
export { ConnectionError } from './http/errors.ts';

/** Which engine, and how it is spoken to. */
export interface EngineOptions {
  /** `unix:///path`, `tcp://host:port` or `ssh://user@host`; when left out, the engine that `davit` would use. */
  host?: string;
  /** Files of certificates, for `tcp://`. */
  tls?: TlsFiles;
  /** Speak this version of the API and no other: `1.41`. */
  version?: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** What DOCKER_HOST and the like are read from; the process's own when left out. */
  environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Makes the client of an engine. Nothing is sent before the first call; the engine that comes with davit is started
 * when it is silent. Throws an Error when environment and config.json contradict each other.
 */
export function connect(options: EngineOptions = {}): Client {
  const { host, tls, version, headers, environment = process.env } = options;
  const endpoint = host === undefined ? currentEngine(environment) : { host, tls, bundled: false };
  const settings: ConnectOptions = { version, headers };
  if (endpoint.bundled) settings.start = () => startBundled(environment);
  return connectTo(endpoint, settings);
}

/** The engine that `davit` would use without flags: DOCKER_HOST, a context, or the one that comes along. */
export function currentEngine(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Endpoint {
  return chooseEndpoint({
    flags: {
      ...{ host: [], context: undefined, tls: false, tlsverify: undefined },
      ...{ tlscacert: undefined, tlscert: undefined, tlskey: undefined },
    },
    environment,
    config: readConfigFile(configDirectory(undefined, environment), () => undefined),
    socket: engineSocket(environment),
  });
}

async function startBundled(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { startEngine } = await import('./config/engine.ts');
  await startEngine({ environment, say: () => undefined });
}
