import { writeFile } from 'node:fs/promises';
import { type EndpointSettings, endpointSettings, zero } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { ConnectRequest } from '../networks/service.ts';
import { wishesOf } from '../networks/view.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import type { Context } from './context.ts';
import { filesIn, hostsFile, resolvFile } from './files.ts';
import { presentKnowledge } from './links.ts';

/** The names that a container's neighbours may call it in a network. */
export function dnsNamesOf({ id, name, config }: ContainerRecord, aliases: readonly string[]): string[] {
  return [...new Set([name, ...aliases, id.slice(0, 12), config.Hostname])].filter((one) => one !== '');
}

/** What a container asks for in its networks, by their names: nothing when it has left all of them. */
export function endpointsOf({ hostConfig, endpoints }: ContainerRecord): ContainerRecord['endpoints'] {
  return hostConfig.NetworkMode.startsWith('container:') ? {} : endpoints;
}

function networkNameOf(name: string): string {
  return name === '' || name === 'default' ? 'bridge' : name;
}

/** What a new container asks for, under the names that its networks have now. */
export function namedEndpoints(
  { networks }: Pick<Context, 'networks'>,
  mode: string,
  asked: ContainerRecord['endpoints'],
): ContainerRecord['endpoints'] {
  if (mode.startsWith('container:')) return {};
  const nameOf = (name: string) => {
    try {
      return networks.find(networkNameOf(name)).name;
    } catch {
      // It may be created before the container is started.
      return networkNameOf(name);
    }
  };
  const named = Object.entries(asked).map(([name, settings]) => [nameOf(name), settings]);
  return { [nameOf(mode)]: zero(endpointSettings), ...Object.fromEntries(named) };
}

function portOptions({ config, hostConfig }: ContainerRecord) {
  return {
    portBindings: hostConfig.PortBindings ?? {},
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    publishAll: hostConfig.PublishAllPorts,
  };
}

/** What a container asks of its networks when it is started. */
export function connectRequest(record: ContainerRecord): ConnectRequest {
  const { config, hostConfig } = record;
  const networks = Object.entries(endpointsOf(record)).map(([name, settings], index) => {
    const wishes = wishesOf(settings, dnsNamesOf(record, settings.Aliases ?? []));
    return [name, index === 0 && config.MacAddress ? { ...wishes, mac: config.MacAddress } : wishes];
  });
  return {
    id: record.id,
    name: record.name,
    networkMode: hostConfig.NetworkMode,
    networks: Object.fromEntries(networks),
    isAlone: networks.length === 0,
    dns: hostConfig.Dns ?? [],
    ...portOptions(record),
  };
}

/** Tells a container that runs of its networks: names of its own, and who answers for others. */
async function rewriteFiles(context: Context, record: ContainerRecord): Promise<void> {
  const { id, config, hostConfig } = record;
  const sandbox = context.networks.describe(id);
  if (!sandbox) return;
  const files = filesIn(context.folder(id));
  // The container has these very files mounted.
  await Promise.all([
    writeFile(files.hosts, hostsFile(config, hostConfig, sandbox, presentKnowledge(context, record).hosts)),
    writeFile(files.resolv, resolvFile(hostConfig, sandbox)),
  ]);
}

/** Puts a container into one more network: at once when it runs, else when it is started. */
export async function joinNetwork(
  context: Context,
  name: string,
  networkName: string,
  settings: EndpointSettings | null,
): Promise<void> {
  const { id } = context.store.find(name);
  const network = context.networks.find(networkName);
  await context.locks.run(id, async () => {
    const record = context.store.find(id);
    const present = Object.keys(endpointsOf(record));
    if (record.hostConfig.NetworkMode.startsWith('container:')) {
      throw new EngineError(
        'badParameter',
        'container sharing network namespace with another container or host cannot be connected to any other network',
      );
    }
    if (network.driver === 'host' || present.includes('host')) {
      throw new EngineError(
        'badParameter',
        'container cannot be disconnected from host network or connected to host network',
      );
    }
    if ((network.driver === 'null' || present.includes('none')) && present.length > 0) {
      throw new EngineError(
        'badParameter',
        'container cannot be connected to multiple networks with one of the networks in private (none) mode',
      );
    }
    if (isRunning(record)) {
      const wishes = wishesOf(settings, dnsNamesOf(record, settings?.Aliases ?? []));
      await context.networks.join({ id, network, wishes, ...portOptions(record) });
    }
    const endpoints = { ...endpointsOf(record), [network.name]: settings ?? zero(endpointSettings) };
    const changed = context.store.setEndpoints(id, endpoints);
    if (isRunning(record)) await rewriteFiles(context, changed);
  });
}

/** Takes a container out of a network; with `force` one that is gone, as far as that goes. */
export async function leaveNetwork(
  context: Context,
  name: string,
  networkName: string,
  force: boolean,
): Promise<void> {
  const network = context.networks.find(networkName);
  const { id } = findMember(context, name, force);
  await context.locks.run(id, async () => {
    const record = context.store.find(id);
    const endpoints = endpointsOf(record);
    const known = [network.name, network.id].find((one) => Object.hasOwn(endpoints, one));
    if (known === undefined) {
      throw new EngineError('badParameter', `container ${id} is not connected to network ${network.name}`);
    }
    if (network.driver === 'host') {
      throw new EngineError(
        'badParameter',
        'container cannot be disconnected from host network or connected to host network',
      );
    }
    if (isRunning(record)) await context.networks.leave(id, network, portOptions(record));
    const { [known]: _, ...others } = endpoints;
    const changed = context.store.setEndpoints(id, others);
    if (isRunning(record)) await rewriteFiles(context, changed);
  });
}

function findMember({ store }: Context, name: string, force: boolean): ContainerRecord {
  try {
    return store.find(name);
  } catch (error) {
    if (!force) throw error;
    throw new EngineError('notFound', `endpoint ${name} not found`, { cause: error });
  }
}
