import type { Output } from '../../terminal/streams.ts';
import type { Mapping } from './compose/shape.ts';

/** Options of services that a Swarm makes nothing of. */
const unsupported = [
  'build',
  'cgroup_parent',
  'cgroupns_mode',
  'devices',
  'domainname',
  'external_links',
  'ipc',
  'links',
  'mac_address',
  'network_mode',
  'pid',
  'privileged',
  'restart',
  'security_opt',
  'shm_size',
  'tmpfs',
  'userns_mode',
];

/** Options that are not needed any more, and why. */
const deprecated: Record<string, string> = {
  container_name: 'Setting the container name is not supported.',
  expose:
    "Exposing ports is unnecessary - services on the same network can access each other's containers on any port.",
};

/** Says which options of the services have no effect. */
export async function tellIgnored(file: Mapping, err: Output): Promise<void> {
  const services = Object.values((file.services ?? {}) as Mapping) as Mapping[];
  const used = new Set(services.flatMap((service) => Object.keys(service)));
  const without = unsupported.filter((name) => used.has(name));
  if (without.length > 0) await err.line(`Ignoring unsupported options: ${without.join(', ')}\n`);
  const old = Object.keys(deprecated).filter((name) => used.has(name));
  if (old.length === 0) return;
  await err.line('Ignoring deprecated options:\n');
  for (const name of old) await err.line(`${name}: ${deprecated[name]}\n`);
}
