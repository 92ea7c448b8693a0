import { readFileSync } from 'node:fs';
import { type ContextStore, openContextStore, type TlsMaterial } from '../../config/context-store.ts';
import type { ContextMetadata } from '../../config/contexts.ts';
import type { CommandContext } from '../../context.ts';

/** What stands for the context `default` in lists. */
export const defaultDescription = 'Current DOCKER_HOST based configuration';

/** Opens the store of contexts that the command line chooses. */
export function storeOf(context: CommandContext): ContextStore {
  return openContextStore(context.config.directory);
}

/** The context `default`, as if it were one of the store. Throws when flags or environment make no sense. */
export function defaultMetadata(context: CommandContext): ContextMetadata {
  const { host, tls } = context.defaultEndpoint;
  const docker = { Host: host, SkipTLSVerify: tls ? !tls.verify : false };
  return { Name: 'default', Metadata: {}, Endpoints: { docker } };
}

/** A context with its TLS material, `default` too. Throws in docker's words. */
export function readWhole(
  context: CommandContext,
  name: string,
): { metadata: ContextMetadata; tls: TlsMaterial } {
  if (name !== 'default') {
    const store = storeOf(context);
    return { metadata: store.read(name), tls: store.readTls(name) };
  }
  const { ca, cert, key } = context.defaultEndpoint.tls ?? {};
  const files = readTlsFiles({ ca, cert, key });
  return {
    metadata: defaultMetadata(context),
    tls: Object.keys(files).length > 0 ? { docker: files } : {},
  };
}

/** Reads TLS material by the names that it has in the store. Throws the system's own error. */
export function readTlsFiles(paths: {
  ca?: string;
  cert?: string;
  key?: string;
}): Record<string, Uint8Array> {
  const given = Object.entries(paths).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return Object.fromEntries(given.map(([name, path]) => [`${name}.pem`, readFileSync(path)]));
}
