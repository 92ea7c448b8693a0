import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '../http/dial.ts';
import { objectOf } from './object.ts';

/** A context as docker's store keeps it; keys that are not known stay as they are. */
export interface ContextMetadata {
  Name: string;
  Metadata: { Description?: string };
  Endpoints: Record<string, ContextEndpoint>;
}

export interface ContextEndpoint {
  Host?: string;
  SkipTLSVerify?: boolean;
}

/** A context of docker's store, as far as it says where an engine is. */
export interface StoredContext {
  /** Empty: wherever an engine is by default. */
  host: string;
  tls?: TlsFiles;
}

/** Where docker's store has a context: its description, and the folder of its TLS material. */
export function contextPlace(directory: string, name: string): { meta: string; tls: string } {
  const id = createHash('sha256').update(name).digest('hex');
  return { meta: join(directory, 'contexts', 'meta', id), tls: join(directory, 'contexts', 'tls', id) };
}

/** Reads a context's description. Throws in docker's words when there is none of that name. */
export function readMetadata(directory: string, name: string): ContextMetadata {
  const path = join(contextPlace(directory, name).meta, 'meta.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`context "${name}": context not found: open ${path}: no such file or directory`);
  }
  try {
    return parseMetadata(text);
  } catch (error) {
    throw new Error(`context "${name}": parsing ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** A description from its JSON, whatever is missing filled in. Throws SyntaxError. */
export function parseMetadata(text: string): ContextMetadata {
  const values = objectOf(JSON.parse(text));
  return {
    ...values,
    Name: typeof values.Name === 'string' ? values.Name : '',
    Metadata: objectOf(values.Metadata),
    Endpoints: objectOf(values.Endpoints) as ContextMetadata['Endpoints'],
  };
}

/** Where a context says that its engine is. Throws in docker's words when it does not say it. */
export function readContext(directory: string, name: string): StoredContext {
  const endpoint = readMetadata(directory, name).Endpoints.docker;
  if (!endpoint) throw new Error('cannot find docker endpoint in context');
  const material = join(contextPlace(directory, name).tls, 'docker');
  const file = (base: string) => (existsSync(join(material, base)) ? join(material, base) : undefined);
  const tls = { ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') };
  const secured = tls.ca ?? tls.cert ?? tls.key;
  return {
    host: endpoint.Host ?? '',
    tls: secured || endpoint.SkipTLSVerify ? { ...tls, verify: !endpoint.SkipTLSVerify } : undefined,
  };
}
