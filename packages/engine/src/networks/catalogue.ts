import type { Filters, NetworkCreateAnswer, NetworkCreateBody, NetworkInspect } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import type { NetworkRecord, NetworkStore } from '../state/networks.ts';
import { defineNetwork, type Surroundings } from './definition.ts';
import { explained } from './failure.ts';
import { createNetworkFilter, createPruneFilter } from './filters.ts';
import { isPredefined, type NetworkMember, networkInspect } from './view.ts';

/** The networks that there are, and how they come and go. */
export interface Catalogue {
  /** Finds a network by its name or ID, or the beginning of its ID. */
  find(nameOrId: string): NetworkRecord;
  /** The same, as the API shows it. */
  inspect(nameOrId: string): NetworkInspect;
  /** The networks that pass the filters, without their containers. */
  list(filters: Filters): NetworkInspect[];
  create(body: NetworkCreateBody): Promise<NetworkCreateAnswer>;
  remove(nameOrId: string): Promise<void>;
  /** Removes the networks that no container is in, and returns their names. */
  prune(filters: Filters): Promise<string[]>;
}

export interface CatalogueDependencies {
  store: NetworkStore;
  events: EventBus;
  surroundings(): Surroundings;
  /** Names of the networks that containers want when they are started again. */
  wantedNetworks(): ReadonlySet<string>;
  bringUp(network: NetworkRecord): Promise<void>;
  /** Takes what the kernel has of a network away, which is forgotten already. */
  takeDown(network: NetworkRecord): Promise<void>;
}

export function createCatalogue(deps: CatalogueDependencies): Catalogue {
  const { store, events } = deps;
  /** Networks are created and removed one after the other: none is to get what another one has. */
  let turn: Promise<unknown> = Promise.resolve();

  function find(nameOrId: string): NetworkRecord {
    const all = store.networks();
    const exact = all.find(({ name }) => name === nameOrId) ?? all.find(({ id }) => id === nameOrId);
    if (exact) return exact;
    const begun = all.filter(({ id }) => nameOrId !== '' && id.startsWith(nameOrId));
    if (begun.length > 1) {
      throw new EngineError(
        'badParameter',
        `network ${nameOrId} is ambiguous (${begun.length} matches found based on ID prefix)`,
      );
    }
    const [found] = begun;
    if (!found) throw new EngineError('notFound', `network ${nameOrId} not found`);
    return found;
  }

  const membersOf = (network: NetworkRecord): NetworkMember[] =>
    store.endpoints().flatMap((endpoint) => {
      const sandbox = endpoint.networkId === network.id && store.sandbox(endpoint.containerId ?? '');
      return sandbox ? [{ name: sandbox.containerName, endpoint }] : [];
    });

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  async function create(body: NetworkCreateBody): Promise<NetworkCreateAnswer> {
    const network = defineNetwork(body, deps.surroundings());
    // First of all: an engine that ends in between finds what it had begun.
    store.saveNetwork(network);
    try {
      await deps.bringUp(network);
    } catch (error) {
      store.removeNetwork(network.id);
      throw explained(error);
    }
    tell('create', network);
    return { Id: network.id, Warning: '' };
  }

  async function remove(network: NetworkRecord): Promise<void> {
    if (isPredefined(network)) {
      throw new EngineError('forbidden', `${network.name} is a pre-defined network and cannot be removed`);
    }
    const members = store.endpoints().filter(({ networkId }) => networkId === network.id);
    if (members.length > 0) {
      const list = membersOf(network).map(
        ({ name, endpoint }) => `name:${JSON.stringify(name)} id:${JSON.stringify(endpoint.id.slice(0, 12))}`,
      );
      throw new EngineError(
        'forbidden',
        `error while removing network: network ${network.name} id ${network.id} has active endpoints (${list.join(', ')})`,
      );
    }
    store.removeNetwork(network.id);
    await deps.takeDown(network);
    tell('destroy', network);
  }

  function tell(action: 'create' | 'destroy', { id, name, driver }: NetworkRecord): void {
    events.publish('network', action, id, { name, type: driver });
  }

  return {
    find,
    create: (body) => inTurn(() => create(body)),
    remove: (nameOrId) => inTurn(() => remove(find(nameOrId))),
    list: (filters) => {
      const matches = createNetworkFilter(filters, (network) => membersOf(network).length > 0);
      return store
        .networks()
        .filter(matches)
        .map((network) => networkInspect(network, []));
    },
    prune(filters) {
      const matches = createPruneFilter(filters);
      return inTurn(async () => {
        const pruned: string[] = [];
        const wanted = deps.wantedNetworks();
        for (const network of store.networks()) {
          const isUsed =
            isPredefined(network) ||
            wanted.has(network.name) ||
            wanted.has(network.id) ||
            membersOf(network).length > 0;
          if (isUsed || !matches(network)) continue;
          await remove(network);
          pruned.push(network.name);
        }
        events.publish('network', 'prune', '', { reclaimed: '0' });
        return pruned;
      });
    },
    inspect(nameOrId) {
      const network = find(nameOrId);
      return networkInspect(network, membersOf(network));
    },
  };
}
