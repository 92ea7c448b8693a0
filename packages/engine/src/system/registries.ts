import { isIP } from 'node:net';
import type { SystemInfo } from '@davit/api';

const officialName = 'docker.io';

/** What the engine was told about registries, as GET /info shows it. */
export function registryConfig(mirrors: string[], insecure: string[]): SystemInfo['RegistryConfig'] {
  const networks = insecure.filter(
    (registry) => isIP(registry.split('/')[0] ?? '') > 0 && registry.includes('/'),
  );
  const hosts = insecure.filter((registry) => !networks.includes(registry));
  const official = { Name: officialName, Mirrors: mirrors, Secure: true, Official: true };
  const others = hosts.map((Name) => [Name, { Name, Mirrors: [], Secure: false, Official: false }] as const);
  return {
    IndexConfigs: Object.fromEntries([...others, [officialName, official]]),
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8', ...networks],
    Mirrors: mirrors,
  };
}
