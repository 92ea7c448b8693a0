import type { Duplex } from 'node:stream';
import {
  chooseEndpoint,
  contextName,
  defaultEndpoint,
  type Endpoint,
  type EndpointFlags,
  type EndpointSources,
} from './config/endpoint.ts';
import type { ConfigFile } from './config/file.ts';
import { configDirectory, readConfigFile } from './config/file.ts';
import { engineSocket } from './config/socket.ts';
import type { Client } from './http/client.ts';
import type { Plugin } from './plugins/plugins.ts';
import type { Streams } from './terminal/streams.ts';

/** All that a command may reach: a test makes one of its own. */
export interface CommandContext {
  /** What the program is called in messages: `davit`, or `docker` when invoked by that name. */
  readonly program: string;
  readonly streams: Streams;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What config.json says; read at first use. */
  readonly config: ConfigFile;
  /** The engine that flags, environment and configuration choose. Throws when they contradict each other. */
  readonly endpoint: Endpoint;
  /** Name of the context in use, whether or not it exists. Throws as `endpoint` does. */
  readonly contextName: string;
  /** The engine of the context `default`. */
  readonly defaultEndpoint: Endpoint;
  /** The client of that engine, always the same one. It connects (and starts the bundled engine) at the first call. */
  connect(): Promise<Client>;
  /** A connection of its own to that engine (and starts the bundled one), for bytes that are passed through. */
  dial(): Promise<Duplex>;
  /** Programs that add commands, those that do not work too. */
  plugins(): Promise<Plugin[]>;
  /** Aborted with an Interrupted by the first SIGINT or SIGTERM after it was asked for. */
  readonly signal: AbortSignal;
}

/** What a context is made of. */
export interface ContextSources {
  program: string;
  streams: Streams;
  environment: Readonly<Record<string, string | undefined>>;
  flags: EndpointFlags & { config: string | undefined };
  /** Whether a word is a command's name, so that no plugin can have it. */
  isCommand: (name: string) => boolean;
  /** Called once, when a command first wants to be told of signals. */
  interruption: () => AbortSignal;
}

/** Makes the context of one command: everything in it is read, loaded or opened when it is first used. */
export function createContext(sources: ContextSources): CommandContext {
  const { program, streams, environment, flags } = sources;
  let config: ConfigFile | undefined;
  let endpoint: Endpoint | undefined;
  let client: Promise<Client> | undefined;
  let signal: AbortSignal | undefined;

  const endpointSources = (): EndpointSources => ({
    flags,
    environment,
    config: context.config,
    socket: engineSocket(environment),
  });
  const context: CommandContext = {
    program,
    streams,
    environment,
    get config() {
      config ??= readConfigFile(configDirectory(flags.config, environment), (message) => {
        void streams.err.line(message);
      });
      return config;
    },
    get endpoint() {
      endpoint ??= chooseEndpoint(endpointSources());
      return endpoint;
    },
    get contextName() {
      return contextName(endpointSources());
    },
    get defaultEndpoint() {
      return defaultEndpoint(endpointSources());
    },
    connect() {
      client ??= openClient(context);
      return client;
    },
    async dial() {
      const [{ parseAddress }, { createReach }] = await Promise.all([
        import('./http/dial.ts'),
        import('./http/reach.ts'),
      ]);
      const { host, tls } = context.endpoint;
      return createReach(parseAddress(host, tls), starterOf(context))();
    },
    async plugins() {
      const { listPlugins } = await import('./plugins/plugins.ts');
      return listPlugins(context.config, sources.isCommand);
    },
    get signal() {
      signal ??= sources.interruption();
      return signal;
    },
  };
  return context;
}

/** How the bundled engine is started; undefined for any other. */
function starterOf({ endpoint, environment, streams }: CommandContext): (() => Promise<void>) | undefined {
  if (!endpoint.bundled) return undefined;
  return async () => {
    const { startEngine } = await import('./config/engine.ts');
    await startEngine({ environment, say: (text) => void streams.err.line(text) });
  };
}

async function openClient(context: CommandContext): Promise<Client> {
  const { endpoint, config, environment } = context;
  const { connect } = await import('./http/client.ts');
  const version = environment.DOCKER_API_VERSION?.replace(/^v/, '') || undefined;
  return connect(endpoint, { version, headers: config.httpHeaders, start: starterOf(context) });
}
