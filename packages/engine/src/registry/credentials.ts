import { EngineError } from '../errors.ts';

/** How a user shows a registry who he is; all empty for nobody. */
export interface Credentials {
  username: string;
  password: string;
  /** A refresh token, in the place of a password. */
  identityToken: string;
  /** A bearer token, used as it is. */
  registryToken: string;
  serverAddress: string;
}

export const anonymous: Credentials = {
  username: '',
  password: '',
  identityToken: '',
  registryToken: '',
  serverAddress: '',
};

/** Reads a header `X-Registry-Auth`: JSON in base64url. Throws `badParameter`. */
export function decodeCredentials(header: string | undefined): Credentials {
  if (!header) return anonymous;
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(header, 'base64url').toString());
  } catch (error) {
    throw new EngineError('badParameter', 'invalid X-Registry-Auth header: it is no JSON in base64url', {
      cause: error,
    });
  }
  return credentialsOf(values);
}

/** The same for pulling, for which docker's clients of long ago sent what nobody can read: that is nobody then. */
export function lenientCredentials(header: string | undefined): Credentials {
  try {
    return decodeCredentials(header);
  } catch {
    return anonymous;
  }
}

/** Takes credentials out of JSON, as `docker login` sends them. Throws `badParameter`. */
export function credentialsOf(values: unknown): Credentials {
  if (typeof values !== 'object' || values === null)
    throw new EngineError('badParameter', 'invalid registry credentials: they are no object');
  const all = values as Record<string, unknown>;
  const text = (key: string) => (typeof all[key] === 'string' ? all[key] : '');
  const [username = '', password = ''] =
    text('auth') === '' ? [text('username'), text('password')] : splitAuth(text('auth'));
  return {
    username,
    password,
    identityToken: text('identitytoken'),
    registryToken: text('registrytoken'),
    serverAddress: text('serveraddress'),
  };
}

/** `user:password` in base64, as config.json holds it. */
function splitAuth(auth: string): string[] {
  const text = Buffer.from(auth, 'base64').toString().replaceAll('\0', '');
  const colon = text.indexOf(':');
  return colon === -1 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
}

/**
 * Reads a header `X-Registry-Config`: JSON in base64 with the credentials for each registry, by its address.
 * Returns those for the domain of an image. Throws `badParameter`.
 */
export function registryCredentials(header: string | undefined): (domain: string) => Credentials {
  if (!header) return () => anonymous;
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(header, 'base64').toString());
  } catch (error) {
    throw new EngineError('badParameter', 'invalid X-Registry-Config header: it is no JSON in base64', {
      cause: error,
    });
  }
  const known = new Map(
    Object.entries(values ?? {}).map(([address, one]) => [hostOf(address), credentialsOf(one)]),
  );
  return (domain) => known.get(hostOf(domain)) ?? anonymous;
}

/** Docker's hub has several addresses. */
function hostOf(address: string): string {
  const host = address.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
}
