import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { EngineError } from '../errors.ts';

/** Where docker's users put what belongs to a registry, in a folder named as it: `ca.crt`, `me.cert`, `me.key`. */
export const certificateFolders: readonly string[] =
  process.getuid?.() === 0
    ? ['/etc/davit/certs.d', '/etc/docker/certs.d']
    : [join(homedir(), '.config/davit/certs.d'), join(homedir(), '.config/docker/certs.d')];

/** Certificates for connections to `host`: the machine's authorities and those that are named for it. */
export function secureContextFor(host: string, folders: readonly string[]): SecureContext {
  const authorities = new Set([...getCACertificates('default'), ...getCACertificates('system')]);
  const certificates: Buffer[] = [];
  const keys: Buffer[] = [];
  for (const folder of folders.map((one) => join(one, host))) {
    const names = namesIn(folder);
    for (const name of names.filter((one) => one.endsWith('.crt')))
      authorities.add(readFileSync(join(folder, name), 'utf8'));
    for (const name of names.filter((one) => one.endsWith('.cert'))) {
      const key = `${name.slice(0, -'.cert'.length)}.key`;
      if (!names.includes(key))
        throw new EngineError(
          'internal',
          `missing key ${key} for client certificate ${name}. CA certificates must use the extension .crt`,
        );
      certificates.push(readFileSync(join(folder, name)));
      keys.push(readFileSync(join(folder, key)));
    }
  }
  return createSecureContext({ ca: [...authorities], cert: certificates, key: keys });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
