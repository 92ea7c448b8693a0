import { splitDomain } from '@davit/api';
import type { CommandContext } from '../context.ts';

/** The registry that an image's name speaks of, under the name that its login is kept by. */
export async function serverOfImage(image: string): Promise<string> {
  const { hubAddress } = await import('../config/auths.ts');
  const { domain } = splitDomain(image);
  return domain === 'docker.io' ? hubAddress : domain;
}

/** What a header about logins holds. dockerd reads to the end only what is padded. */
export function encodeLogin(value: unknown): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64');
  return text.replaceAll('+', '-').replaceAll('/', '_');
}

/** The header that shows a registry who asks for an image; it is sent even when that is nobody. */
export async function registryAuth(
  image: string,
  { config, environment }: CommandContext,
): Promise<Record<string, string>> {
  const { openLogins } = await import('../config/auths.ts');
  const server = await serverOfImage(image);
  const login = await openLogins(config.directory, environment).get(server);
  const auth = login
    ? {
        ...(login.username === '' ? {} : { username: login.username, password: login.password }),
        ...(login.identityToken === '' ? {} : { identitytoken: login.identityToken }),
        serveraddress: server,
      }
    : {};
  return { 'X-Registry-Auth': encodeLogin(auth) };
}
