import { isIPv6 } from 'node:net';
import { basename } from 'node:path';
import type { EndpointSettings, PortMap } from '@davit/api';
import { EngineError, messageOf } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import { log } from '../log.ts';
import type {
  EndpointRecord,
  EndpointWishes,
  NetworkRecord,
  NetworkStore,
  SandboxRecord,
} from '../state/networks.ts';
import type { NameServer } from './dns/server.ts';
import type { Endpoints } from './endpoints.ts';
import { explained } from './failure.ts';
import type { Firewall } from './firewall.ts';
import { type Gateways, gatewaysOf, routeOf } from './gateways.ts';
import { parseNetworkMode } from './mode.ts';
import { bindingAddress, gatewayMode } from './options.ts';
import { checkJoin, isNamed, nextDevice, notConnected, type Place, placeRequest } from './place.ts';
import { type PortOptions, parsePortRequests, portMapOf, publishedIn } from './portmap.ts';
import type { PortAllocator } from './ports.ts';
import { embeddedServer, type Resolver, resolverFor, type ToldResolver } from './resolver.ts';
import type { Redirect } from './ruleset.ts';
import { deviceSettings, type Sandboxes } from './sandbox.ts';
import { endpointSettings } from './view.ts';

/** What a container is connected with, at its start. */
export interface ConnectRequest extends PortOptions {
  id: string;
  name: string;
  networkMode: string;
  /** What it asks for in each network, by the network's name; the network of its mode comes first anyway. */
  networks: Record<string, EndpointWishes>;
  /** Whether it has left all its networks, that of its mode among them. */
  isAlone?: boolean;
  /** DNS servers that it asks for. */
  dns: readonly string[];
}

/** What a container that runs is connected to one more network with. */
export interface JoinRequest extends PortOptions {
  id: string;
  network: NetworkRecord;
  wishes: EndpointWishes;
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
  /** Puts a container that runs into one more network. */
  join(request: JoinRequest): Promise<void>;
  /** Takes a container that runs out of one of its networks. */
  leave(containerId: string, network: NetworkRecord, ports: PortOptions): Promise<void>;
  /** Brings a container that runs to where a change of its networks was to lead that an engine did not finish. */
  settle(containerId: string): Promise<void>;
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
  names: NameServer;
  events: EventBus;
  told: ToldResolver;
  container(nameOrId: string): { id: string; running: boolean };
  /** Brings up what containers in this network need, and returns what is known of it then. */
  prepare(name: string): Promise<NetworkRecord>;
  /** What a network is called that is known by its name or ID; what is none is called what it is. */
  nameOf(nameOrId: string): string;
}

export function createAttachments(deps: AttachmentDependencies): Attachments {
  const { store, sandboxes, endpoints, ports, firewall, events, names } = deps;

  async function publish(
    container: { id: string; name: string },
    options: PortOptions,
    { endpoint, network, ...addresses }: Gateways,
  ): Promise<Redirect[]> {
    if (!endpoint || !network) return [];
    const bound = bindingAddress(network.wishes.options);
    const requests = parsePortRequests(options).map((request) =>
      request.hostIp === '' && bound !== '' ? { ...request, hostIp: bound } : request,
    );
    if (requests.length === 0) return [];
    try {
      const main = addresses.address || addresses.address6;
      const taken = await ports.take(container.id, requests, main, isRoutedIn(network));
      const redirects = taken
        .map((port) => ({ ...port, target: targetOf(port.hostIp, addresses) }))
        // What has no address of a kind is reached by no route of that kind.
        .filter(({ hostPort, hostIp, target }) => hostPort !== 0 || isIPv6(hostIp) === isIPv6(target));
      await firewall.publish(redirects);
      return redirects;
    } catch (error) {
      const where = `endpoint ${container.name} (${endpoint.id})`;
      const message = `driver failed programming external connectivity on ${where}: ${messageOf(error)}`;
      throw new EngineError('internal', message, { cause: error });
    }
  }

  /** Undoes what was done for a container as far as it goes; the next engine collects what is left. */
  async function withdraw(
    containerId: string,
    namespace: string,
    redirects: Redirect[],
    members: EndpointRecord[],
  ): Promise<void> {
    ports.release(containerId);
    names.close(containerId);
    if (namespace !== '') names.discard(sandboxes.path(namespace));
    const steps = [firewall.unpublish(redirects), endpoints.unplug(namespace, members)];
    for (const step of await Promise.allSettled(steps)) {
      if (step.status === 'fulfilled') continue;
      log.warn('cannot take a network away', { container: containerId, error: messageOf(step.reason) });
    }
  }

  function tell(action: 'connect' | 'disconnect', network: NetworkRecord, container: string): void {
    events.publish('network', action, network.id, { container, name: network.name, type: network.driver });
  }

  /** The places of a container, those in networks that are gone left out. */
  function placesOf(members: readonly EndpointRecord[]): Place[] {
    const networks = new Map(store.networks().map((network) => [network.id, network]));
    return members.flatMap((endpoint) => {
      const network = networks.get(endpoint.networkId);
      return network ? [{ network, endpoint }] : [];
    });
  }

  async function enter(request: ConnectRequest, first: string): Promise<void> {
    const { id: containerId, name: containerName, networkMode: mode } = request;
    const others = Object.keys(request.networks).filter((name) => name !== first);
    const places: Place[] = [];
    let redirects: Redirect[] = [];
    let namespace = '';
    try {
      for (const name of [first, ...others]) {
        const network = await deps.prepare(name);
        const wishes = request.networks[name];
        const more = places.length === 0 ? {} : { namespace, device: nextDevice(network, places) };
        const endpoint = await endpoints.take(network, { ...placeRequest(network, wishes), ...more });
        namespace = endpoint.namespace;
        places.push({ network, endpoint: { ...endpoint, wishes: wishes ?? endpoint.wishes } });
      }
      const gateways = gatewaysOf(places);
      const key = namespace === '' ? '' : sandboxes.path(namespace);
      if (places.length > 1) await sandboxes.route(namespace, gateways);
      redirects = await publish(request, request, gateways);
      // The ports of a container that is in no bridge network are its own affair.
      const bridged = places.some(({ network }) => network.driver === 'bridge');
      const map = bridged ? portMapOf(redirects, request) : {};
      const sandbox = {
        containerId,
        containerName,
        mode,
        key,
        ports: map,
        dns: request.dns,
        route: routeOf(gateways),
      };
      if (places.some(isNamed)) await names.open(containerId, key);
      store.attach(
        sandbox,
        places.map(({ endpoint }) => endpoint),
      );
      names.changed();
    } catch (error) {
      await withdraw(
        containerId,
        namespace,
        redirects,
        places.map(({ endpoint }) => endpoint),
      );
      for (const { endpoint } of places) store.removeEndpoint(endpoint.id);
      throw error;
    }
    for (const { network } of places) tell('connect', network, containerId);
  }

  /** A namespace of its own for a container that has left all its networks: without any network. */
  async function stayAlone({ id: containerId, name: containerName, networkMode: mode, dns }: ConnectRequest) {
    const endpoint = await endpoints.take(await deps.prepare('none'), {});
    const key = sandboxes.path(endpoint.namespace);
    try {
      store.attach({ containerId, containerName, mode, key, ports: {}, dns, route: '' }, []);
    } catch (error) {
      await withdraw(containerId, endpoint.namespace, [], [endpoint]);
      throw error;
    } finally {
      store.removeEndpoint(endpoint.id);
    }
  }

  function share(request: ConnectRequest, owner: string): void {
    const { id, running } = deps.container(owner);
    if (id === request.id) throw new EngineError('badParameter', 'cannot join own network');
    const sandbox = store.sandbox(id);
    if (!running || !sandbox) {
      throw new EngineError('conflict', `cannot join network of a non running container: ${id}`);
    }
    const { id: containerId, name: containerName, networkMode: mode } = request;
    store.attach({ containerId, containerName, mode, key: sandbox.key, ports: {}, dns: [], route: '' }, []);
  }

  function redirectsOf({ containerId, ports: map }: SandboxRecord): Redirect[] {
    const gateways = gatewaysOf(placesOf(store.endpointsOf(containerId)));
    if (!gateways.endpoint) return [];
    return publishedIn(map).map((port) => ({ ...port, target: targetOf(port.hostIp, gateways) }));
  }

  /** Leads traffic and published ports through another network when the one before is not the best any more. */
  async function reroute(sandbox: SandboxRecord, before: Gateways, options: PortOptions): Promise<void> {
    const { containerId } = sandbox;
    const after = gatewaysOf(placesOf(store.endpointsOf(containerId)));
    if (after.gateway !== before.gateway || after.gateway6 !== before.gateway6) {
      await sandboxes.route(basename(sandbox.key), after);
    }
    store.saveRoute(containerId, routeOf(after));
    if (after.endpoint?.id === before.endpoint?.id) return;
    const kept = publishedIn(sandbox.ports);
    ports.release(containerId);
    await firewall.unpublish(kept.map((port) => ({ ...port, target: targetOf(port.hostIp, before) })));
    // The host's ports stay what they were, if it had any.
    const hadPorts = kept.some(({ hostPort }) => hostPort !== 0);
    const wanted = hadPorts ? { ...options, portBindings: sandbox.ports, publishAll: false } : options;
    const container = { id: containerId, name: sandbox.containerName };
    const redirects = await publish(container, wanted, after);
    store.savePorts(containerId, after.endpoint ? portMapOf(redirects, options) : {});
  }

  async function settle(containerId: string): Promise<void> {
    const sandbox = store.sandbox(containerId);
    if (!sandbox || sandbox.mode.startsWith('container:')) return;
    const gateways = gatewaysOf(placesOf(store.endpointsOf(containerId)));
    // Where nothing was left half done the container may have changed its routes itself, for a tunnel perhaps.
    if (sandbox.route !== null && sandbox.route !== routeOf(gateways)) {
      await sandboxes.route(basename(sandbox.key), gateways);
      store.saveRoute(containerId, routeOf(gateways));
    }
    if (gateways.endpoint || publishedIn(sandbox.ports).length === 0) return;
    store.savePorts(containerId, Object.fromEntries(Object.keys(sandbox.ports).map((port) => [port, null])));
  }

  async function join({ id, network: { name }, wishes, ...options }: JoinRequest): Promise<void> {
    const network = await deps.prepare(name);
    const sandbox = store.sandbox(id);
    if (!sandbox) throw new EngineError('conflict', `container ${id} is not running`);
    const places = placesOf(store.endpointsOf(id));
    checkJoin(sandbox, network, places);
    const before = gatewaysOf(places);
    const endpoint = await endpoints.take(network, {
      ...placeRequest(network, wishes),
      namespace: basename(sandbox.key),
      device: nextDevice(network, places),
    });
    try {
      if (isNamed({ network })) await names.open(id, sandbox.key);
      store.giveEndpoint(endpoint.id, id, wishes);
      names.changed();
      await reroute(sandbox, before, options);
    } catch (error) {
      store.removeEndpoint(endpoint.id);
      names.changed();
      await endpoints.pull(endpoint);
      throw error;
    }
    tell('connect', network, id);
  }

  async function leave(id: string, network: NetworkRecord, options: PortOptions): Promise<void> {
    const sandbox = store.sandbox(id);
    const places = placesOf(store.endpointsOf(id));
    const place = places.find((one) => one.network.id === network.id);
    if (!sandbox || !place) throw notConnected(id, network.name);
    if (network.driver === 'host') {
      const message = 'container cannot be disconnected from host network or connected to host network';
      throw new EngineError('badParameter', message);
    }
    const before = gatewaysOf(places);
    store.removeEndpoint(place.endpoint.id);
    names.changed();
    if (!places.some((one) => one !== place && isNamed(one))) names.close(id);
    await endpoints.pull(place.endpoint);
    await reroute(sandbox, before, options);
    tell('disconnect', network, id);
  }

  async function disconnect(containerId: string): Promise<void> {
    const sandbox = store.sandbox(containerId);
    if (!sandbox) return;
    const members = store.endpointsOf(containerId);
    const redirects = redirectsOf(sandbox);
    const isOwn = !sandbox.mode.startsWith('container:');
    // First of all, so that nobody does it a second time.
    store.detach(containerId);
    names.changed();
    await withdraw(containerId, isOwn ? basename(sandbox.key) : '', redirects, members);
    for (const { network } of placesOf(members)) tell('disconnect', network, containerId);
  }

  function describe(containerId: string): Sandbox | null {
    const sandbox = store.sandbox(containerId);
    if (!sandbox) return null;
    const places = placesOf(store.endpointsOf(containerId));
    const networks = places.map(({ network, endpoint }) => [
      network.name,
      endpointSettings(network, endpoint),
    ]);
    const { gateway } = gatewaysOf(places);
    const settings = places.map(({ endpoint: { device, address6 } }) =>
      device === '' ? {} : deviceSettings(device, address6 !== ''),
    );
    return {
      key: sandbox.key,
      networks: Object.fromEntries(networks),
      ports: sandbox.ports,
      gateway: gateway || (places.find(({ network }) => network.gateway !== '')?.network.gateway ?? ''),
      get dns() {
        const resolver = resolverFor(sandbox.key === '' ? 'host' : 'bridge', deps.told);
        return places.some(isNamed) ? { ...resolver, servers: [embeddedServer], embedded: true } : resolver;
      },
      sysctls: Object.assign({}, ...settings),
    };
  }

  return {
    disconnect,
    describe,
    redirectsOf,
    leave,
    settle,
    async join(request) {
      try {
        await join(request);
      } catch (error) {
        throw explained(error);
      }
    },
    async connect(request) {
      await disconnect(request.id);
      const mode = parseNetworkMode(request.networkMode);
      try {
        if (mode.kind === 'container') share(request, mode.container);
        else if (request.isAlone) await stayAlone(request);
        else
          await enter(
            request,
            firstOf(request, mode.kind === 'network' ? deps.nameOf(mode.name) : mode.kind),
          );
      } catch (error) {
        throw explained(error);
      }
      const sandbox = describe(request.id);
      if (!sandbox) throw new EngineError('internal', `the network of ${request.name} went away`);
      return sandbox;
    },
  };
}

/** The network of the container's mode, or another one when it has left that. */
function firstOf({ networks }: ConnectRequest, wanted: string): string {
  const [first = wanted] = Object.keys(networks);
  return Object.hasOwn(networks, wanted) ? wanted : first;
}

/** Whether ports of the host's addresses are of no use, as a network's containers are reached by a route. */
function isRoutedIn({ subnet, subnet6, wishes }: NetworkRecord): (hostIp: string) => boolean {
  const isRouted = (family: 'ip' | 'ip6') => gatewayMode(wishes.options, family) === 'routed';
  // Without addresses of the kind, ports of the host's would lead to those of the other.
  const four = isRouted(subnet === '' ? 'ip6' : 'ip');
  const six = isRouted(subnet6 === '' ? 'ip' : 'ip6');
  return (hostIp) => (isIPv6(hostIp) ? six : four);
}

/** What a port of an address of the host leads to: an address of the same kind, where there is one. */
function targetOf(hostIp: string, { address, address6 }: Pick<Gateways, 'address' | 'address6'>): string {
  return hostIp.includes(':') ? address6 || address : address || address6;
}
