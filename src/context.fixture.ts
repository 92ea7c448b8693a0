import { type CommandContext, createContext } from './context.ts';
import type { Streams } from './terminal/streams.ts';

/** The context of a command that speaks with the engine at `host` and has its files in a directory of the test's. */
export function contextFor(host: string, directory: string, streams: Streams): CommandContext {
  return createContext({
    ...{ program: 'davit', streams, isCommand: () => false },
    environment: { HOME: directory, DOCKER_HOST: host, DOCKER_CONFIG: directory },
    flags: {
      ...{ host: [], context: undefined, config: undefined, tls: false, tlsverify: undefined },
      ...{ tlscacert: undefined, tlscert: undefined, tlskey: undefined },
    },
    interruption: () => new AbortController().signal,
  });
}
