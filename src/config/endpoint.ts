import type { TlsFiles } from '../http/dial.ts';

/** Where an engine is reached. */
export interface Endpoint {
  /** `unix:///run/davit/davit.sock`, `tcp://host:2375`, `ssh://user@host`. */
  readonly host: string;
  /** The engine that comes with davit: started on demand, and named so in errors. */
  readonly bundled: boolean;
  /** Name of the context that it comes from; empty when a host was given. */
  readonly context: string;
  readonly tls?: TlsFiles;
}
