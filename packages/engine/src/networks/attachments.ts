import type { EndpointSettings, PortMap } from '@davit/api';
import { EngineError, messageOf } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import { log } from '../log.ts';
import type { EndpointRecord, NetworkRecord, NetworkStore, SandboxRecord } from '../state/networks.ts';
import type { Endpoints } from './endpoints.ts';
import { explained } from './failure.ts';
import type { Firewall } from './firewall.ts';
import { formatAddress, parseMac } from './ipv4.ts';
import { parseNetworkMode } from './mode.ts';
import { parsePortRequests, portMapOf, publishedIn } from './portmap.ts';
import type { PortAllocator } from './ports.ts';
import { type Resolver, resolverFor, type ToldResolver } from './resolver.ts';
import type { Redirect } from './ruleset.ts';
import { type Sandboxes, sandboxSysctls } from './sandbox.ts';
import { endpointSettings } from './view.ts';

/** What a container is connected with, at its start. */
export interface ConnectRequest {
  id: string;
  name: string;
  hostname: string;
  networkMode: string;
  portBindings: PortMap;
  exposedPorts: string[];
  publishAll: boolean;
  macAddress: string;
  requestedAddress?: string;
}

/** The network side of a container. */
export interface Sandbox {
  /** Path of the network namespace to join; empty for the host's own. */
  key: string;
  networks: Record<string, EndpointSettings>;
  ports: PortMap;
  gateway: string;
  dns: Resolver;
  /** Settings of the kernel that the runtime has to make inside. */
  sysctls: Record<string, string>;
}

/** What puts containers into networks and takes them out. Changes of one container must come one after the other. */
export interface Attachments {
  connect(request: ConnectRequest): Promise<Sandbox>;
  disconnect(containerId: string): Promise<void>;
  describe(containerId: string): Sandbox | null;
  /** The redirects that the published ports of a container stand for. */
  redirectsOf(sandbox: SandboxRecord): Redirect[];
}

export interface AttachmentDependencies {
  store: NetworkStore;
  sandboxes: Sandboxes;
  endpoints: Endpoints;
  ports: PortAllocator;
  firewall: Firewall;
  events: EventBus;
  told: ToldResolver;
  container(nameOrId: string): { id: string; running: boolean };
  /** Brings up what containers in this network need, and returns what is known of it then. */
  prepare(name: string): Promise<NetworkRecord>;
}

export function createAttachments(deps: AttachmentDependencies): Attachments {
  const { store, sandboxes, endpoints, ports, firewall, events } = deps;

  async function publish(request: ConnectRequest, endpoint: EndpointRecord): Promise<Redirect[]> {
    const requests = parsePortRequests(request);
    if (requests.length === 0) return [];
    const target = formatAddress(endpoint.address);
    try {
      const taken = await ports.take(request.id, requests, target);
      const redirects = taken.map((port) => ({ ...port, target }));
      await firewall.publish(redirects);
      return redirects;
    } catch (error) {
      const where = `endpoint ${request.name} (${endpoint.id})`;
      const message = `driver failed programming external connectivity on ${where}: ${messageOf(error)}`;
      throw new EngineError('internal', message, { cause: error });
    }
  }

  /** Undoes what was done for a container as far as it goes; the next engine collects what is left. */
  async function withdraw(
    containerId: string,
    redirects: Redirect[],
    members: EndpointRecord[],
  ): Promise<void> {
    ports.release(containerId);
    const steps = [firewall.unpublish(redirects), ...members.map(endpoints.unplug)];
    for (const step of await Promise.allSettled(steps)) {
      if (step.status === 'fulfilled') continue;
      log.warn('cannot take a network away', { container: containerId, error: messageOf(step.reason) });
    }
  }

  function tell(action: 'connect' | 'disconnect', network: NetworkRecord, container: string): void {
    events.publish('network', action, network.id, { container, name: network.name, type: network.driver });
  }

  async function join(request: ConnectRequest, name: string): Promise<void> {
    const network = await deps.prepare(name);
    const mac = parseMac(request.macAddress) ?? undefined;
    const endpoint = await endpoints.take(network, { address: request.requestedAddress, mac });
    const { id: containerId, name: containerName, networkMode: mode } = request;
    const key = endpoint.namespace === '' ? '' : sandboxes.path(endpoint.namespace);
    let redirects: Redirect[] = [];
    try {
      // The ports of a container that is in no bridge network are its own affair.
      if (network.driver === 'bridge') redirects = await publish(request, endpoint);
      const map = network.driver === 'bridge' ? portMapOf(redirects, request) : {};
      store.attach({ containerId, containerName, mode, key, ports: map }, [endpoint.id]);
    } catch (error) {
      await withdraw(containerId, redirects, [endpoint]);
      store.removeEndpoint(endpoint.id);
      throw error;
    }
    tell('connect', network, containerId);
  }

  function share(request: ConnectRequest, owner: string): void {
    const { id, running } = deps.container(owner);
    if (id === request.id) throw new EngineError('badParameter', 'cannot join own network');
    const sandbox = store.sandbox(id);
    if (!running || !sandbox) {
      throw new EngineError('conflict', `cannot join network of a non running container: ${id}`);
    }
    const { id: containerId, name: containerName, networkMode: mode } = request;
    store.attach({ containerId, containerName, mode, key: sandbox.key, ports: {} }, []);
  }

  function redirectsOf({ containerId, ports: map }: SandboxRecord): Redirect[] {
    const endpoint = store.endpointsOf(containerId).find(({ address }) => address !== 0);
    if (!endpoint) return [];
    return publishedIn(map).map((port) => ({ ...port, target: formatAddress(endpoint.address) }));
  }

  async function disconnect(containerId: string): Promise<void> {
    const sandbox = store.sandbox(containerId);
    if (!sandbox) return;
    const members = store.endpointsOf(containerId);
    const redirects = redirectsOf(sandbox);
    // First of all, so that nobody does it a second time.
    store.detach(containerId);
    await withdraw(containerId, redirects, members);
    for (const network of store.networks()) {
      if (members.some(({ networkId }) => networkId === network.id)) tell('disconnect', network, containerId);
    }
  }

  function describe(containerId: string): Sandbox | null {
    const sandbox = store.sandbox(containerId);
    if (!sandbox) return null;
    const members = store.endpointsOf(containerId);
    const places = store.networks().flatMap((network) => {
      const endpoint = members.find(({ networkId }) => networkId === network.id);
      return endpoint ? [{ name: network.name, settings: endpointSettings(network, endpoint) }] : [];
    });
    const routed = places.find(({ settings }) => settings.Gateway !== '');
    return {
      key: sandbox.key,
      networks: Object.fromEntries(places.map(({ name, settings }) => [name, settings])),
      ports: sandbox.ports,
      gateway: routed?.settings.Gateway ?? '',
      get dns() {
        return resolverFor(sandbox.key === '' ? 'host' : 'bridge', deps.told);
      },
      sysctls: routed ? sandboxSysctls() : {},
    };
  }

  return {
    disconnect,
    describe,
    redirectsOf,
    async connect(request) {
      await disconnect(request.id);
      const mode = parseNetworkMode(request.networkMode);
      try {
        if (mode.kind === 'container') share(request, mode.container);
        else await join(request, mode.kind === 'network' ? mode.name : mode.kind);
      } catch (error) {
        throw explained(error);
      }
      const sandbox = describe(request.id);
      if (!sandbox) throw new EngineError('internal', `the network of ${request.name} went away`);
      return sandbox;
    },
  };
}
