import type { NetworkCreateBody } from '@davit/api';
import { createEventBus } from '../../packages/engine/src/events/bus.ts';
import { createNetworkService } from '../../packages/engine/src/networks/service.ts';
import { openDatabase } from '../../packages/engine/src/state/database.ts';
import { noWishes, schema } from '../../packages/engine/src/state/networks.ts';

/** What the parent asks this process to do, and how it answers, over the channel between the two. */
export interface Call {
  number: number;
  method: keyof typeof methods;
  argument: never;
}

export interface Answer {
  number: number;
  value?: unknown;
  error?: string;
}

const [root = '', engineId = '', bip = ''] = process.argv.slice(2);
const database = openDatabase(`${root}/state.db`, [schema]);
const events = createEventBus();
const service = createNetworkService({
  config: { execRoot: root, bridge: '', bip, dns: [], dnsSearch: [], dnsOptions: [], addressPools: [] },
  database,
  events,
  engineId,
  ownMounts: true,
  wantedNetworks: () => new Set(),
  container: (id) => ({ id, running: service.describe(id) !== null }),
});

const noPorts = { portBindings: {}, exposedPorts: [], publishAll: false };

/** The engine's network service, and nothing else of it. */
const methods = {
  start: service.start,
  stop: service.stop,
  connect: service.connect,
  disconnect: service.disconnect,
  create: (body: NetworkCreateBody) => service.create(body),
  join: async ({ id, network }: { id: string; network: string }) =>
    service.join({ id, network: service.find(network), wishes: noWishes, ...noPorts }),
  leave: async ({ id, network }: { id: string; network: string }) =>
    service.leave(id, service.find(network), noPorts),
  reconcile: (running: string[]) => service.reconcile(new Set(running)),
  describe: service.describe,
  inspect: service.inspect,
  events: () => events.history().map(({ Action, Actor }) => ({ action: Action, ...Actor.Attributes })),
};

process.on('message', async ({ number, method, argument }: Call) => {
  try {
    process.send?.({ number, value: await methods[method](argument) } satisfies Answer);
  } catch (error) {
    process.send?.({ number, error: String(error) } satisfies Answer);
  }
});
// A parent that is gone needs it no longer.
process.on('disconnect', () => process.exit());
