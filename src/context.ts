import type { Endpoint } from './config/endpoint.ts';
import type { ConfigFile } from './config/file.ts';
import type { Client } from './http/client.ts';
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
  /** The client of that engine, always the same one. Connects (and starts the bundled engine) at the first call. */
  connect(): Promise<Client>;
  /** Aborted by the first SIGINT or SIGTERM that no one else handles; a second one ends the process. */
  readonly signal: AbortSignal;
}
