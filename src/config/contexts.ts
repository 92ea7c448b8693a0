import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '../http/dial.ts';

/** A context of docker's store, as far as it says where an engine is. */
export interface StoredContext {
  host: string;
  tls?: TlsFiles;
}

/** Reads a context of docker's on-disk store. Throws in docker's words when there is none of that name. */
export function readContext(directory: string, name: string): StoredContext {
  const id = createHash('sha256').update(name).digest('hex');
  const path = join(directory, 'contexts', 'meta', id, 'meta.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`context "${name}": context not found: open ${path}: no such file or directory`);
  }
  const { Endpoints } = JSON.parse(text) as { Endpoints?: Record<string, StoredEndpoint> };
  const endpoint = Endpoints?.docker;
  if (!endpoint?.Host) throw new Error(`context "${name}": no docker endpoint configured`);
  const material = join(directory, 'contexts', 'tls', id, 'docker');
  const file = (base: string) => (existsSync(join(material, base)) ? join(material, base) : undefined);
  const tls = { ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') };
  const secured = tls.ca ?? tls.cert ?? tls.key;
  return {
    host: endpoint.Host,
    tls: secured || endpoint.SkipTLSVerify ? { ...tls, verify: !endpoint.SkipTLSVerify } : undefined,
  };
}

interface StoredEndpoint {
  Host?: string;
  SkipTLSVerify?: boolean;
}
