import { hostOf, hubAddress } from '../config/auths.ts';

/** The name under which a registry's login is kept. */
export function serverFor(argument: string | undefined): string {
  const host = hostOf(argument ?? '');
  return ['', 'docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? hubAddress : host;
}
