import { BlockList, isIP } from 'node:net';
import type { EngineConfig } from '../config.ts';

/** A server that may have what is asked for. */
export interface Endpoint {
  /** Ends with a slash. */
  url: URL;
  /** Whether any certificate will do. */
  insecure: boolean;
  /** A copy of docker's hub: nothing is pushed to it, and credentials do not belong to it. */
  mirror: boolean;
}

export type RegistryConfig = Pick<EngineConfig, 'insecureRegistries' | 'registryMirrors'>;

/** The name by which docker's hub goes in image names, and where it is. */
export const hub = { domain: 'docker.io', host: 'registry-1.docker.io', index: 'index.docker.io' };

/** The address in a `host`, `host:port` or `[address]:port`, without brackets. */
function hostnameOf(domain: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(domain)?.[1] ?? domain.replace(/:\d+$/, '');
}

/** Whether the user said, or the address says, that connections to a registry need not be secure. */
export function isInsecure(domain: string, insecureRegistries: readonly string[]): boolean {
  const hostname = hostnameOf(domain);
  if (
    hostname === 'localhost' ||
    insecureRegistries.includes(domain) ||
    insecureRegistries.includes(hostname)
  )
    return true;
  const kind = isIP(hostname);
  if (kind === 0) return false;
  const networks = new BlockList();
  networks.addSubnet('127.0.0.0', 8, 'ipv4');
  networks.addAddress('::1', 'ipv6');
  for (const entry of insecureRegistries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix !== undefined && isIP(address) > 0 && /^\d{1,3}$/.test(prefix))
      networks.addSubnet(address, Number(prefix), family);
  }
  return networks.check(hostname, kind === 6 ? 'ipv6' : 'ipv4');
}

/** Where a repository's registry may be found, in the order to try; mirrors are for pulling only. */
export function endpointsOf(domain: string, config: RegistryConfig, pulling: boolean): Endpoint[] {
  const insecure = isInsecure(domain, config.insecureRegistries);
  const secure = { url: new URL(`https://${domain === hub.domain ? hub.host : domain}/`), mirror: false };
  if (domain !== hub.domain) {
    const plain = { url: new URL(`http://${domain}/`), mirror: false, insecure };
    return insecure ? [{ ...secure, insecure }, plain] : [{ ...secure, insecure }];
  }
  const mirrors = pulling ? config.registryMirrors : [];
  return [
    ...mirrors.map((mirror) => {
      const url = new URL(mirror);
      return { url, insecure: isInsecure(url.host, config.insecureRegistries), mirror: true };
    }),
    { ...secure, insecure: false },
  ];
}

/** Where a registry's repositories are searched, in the order to try. */
export function indexesOf(domain: string, config: RegistryConfig): Endpoint[] {
  if (domain !== hub.domain) return endpointsOf(domain, config, false);
  return [{ url: new URL(`https://${hub.index}/`), insecure: false, mirror: false }];
}
