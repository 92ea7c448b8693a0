import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../state/database.ts';
import { createNetworkStore, type NetworkRecord, noWishes, plainNetwork, schema } from '../state/networks.ts';
import { createEndpoints } from './endpoints.ts';
import type { Interpreter } from './interpreter.ts';
import { reserveEndpoint } from './ipam.ts';
import type { Sandboxes } from './sandbox.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-endpoints-'));
const database = openDatabase(join(directory, 'state.db'), [schema]);
afterAll(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

const network: NetworkRecord = {
  ...{ id: 'n', name: 'net', driver: 'bridge', created: '', bridge: 'br-n', wishes: plainNetwork },
  ...{ subnet: '10.1.0.0/24', gateway: '10.1.0.1', subnet6: '', gateway6: '' },
};

describe('what an engine that was killed had begun', () => {
  it('is taken away, and a container that was being connected keeps its namespace', async () => {
    const done: string[] = [];
    const ip: Interpreter = { send: async () => {}, close: async () => {} };
    const sandboxes = {
      path: (name: string) => `/run/netns/${name}`,
      remove: async (name: string) => void done.push(`remove ${name}`),
      unplug: async (link: string) => void done.push(`unplug ${link}`),
    } as unknown as Sandboxes;
    const store = createNetworkStore(database);
    store.saveNetwork(network);
    const own = reserveEndpoint(store, network, { namespacePrefix: 'p-' });
    const key = sandboxes.path(own.namespace);
    const sandbox = { containerId: 'c', containerName: 'c', mode: 'net', key, ports: {}, dns: [], route: '' };
    store.attach(sandbox, [{ id: own.id, wishes: noWishes }]);
    const begun = reserveEndpoint(store, network, { namespacePrefix: 'p-', namespace: own.namespace });
    const spare = reserveEndpoint(store, network, { namespacePrefix: 'p-' });

    const firewall = { admit: async () => {}, forget: () => {} };
    const names = { prepare: async () => {}, discard: () => {} };
    await createEndpoints({ ip, store, sandboxes, names, firewall }).discardSpares();
    expect(done.sort()).toEqual([`remove ${spare.namespace}`, `unplug ${begun.link}`]);
    expect(store.endpoints().map(({ id }) => id)).toEqual([own.id]);
  });
});

describe('a place in a network that has names', () => {
  it('leaves no namespace that was made ahead when it cannot be plugged in', async () => {
    const done: string[] = [];
    const ip: Interpreter = { send: async () => {}, close: async () => {} };
    const sandboxes = {
      prefix: 'p-',
      path: (name: string) => `/run/netns/${name}`,
      make: async (name: string) => void done.push(`make ${name}`),
      plug: async () => Promise.reject(new Error('the bridge is full')),
      remove: async (name: string) => void done.push(`remove ${name}`),
    } as unknown as Sandboxes;
    const store = createNetworkStore(database);
    const user = { ...network, id: 'u', name: 'user' };
    store.saveNetwork(user);
    const firewall = { admit: async () => {}, forget: () => {} };
    const names = { prepare: async () => {}, discard: () => {} };
    const endpoints = createEndpoints({ ip, store, sandboxes, names, firewall });
    endpoints.prepare(user);
    await expect(endpoints.take(user, {})).rejects.toThrow('the bridge is full');
    await endpoints.close();
    const named = (what: string) =>
      done.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : [])).sort();
    expect(named('make').length).toBeGreaterThan(0);
    expect(named('remove')).toEqual(named('make'));
    expect(store.endpoints().filter(({ networkId }) => networkId === 'u')).toEqual([]);
  });
});

describe('a place that the firewall does not admit', () => {
  it('leaves no namespace of its own, and no plug in that of a container', async () => {
    const done: string[] = [];
    const note = (what: string) => async (name: string) => void done.push(`${what} ${name}`);
    const ip: Interpreter = { send: async () => {}, close: async () => {} };
    const sandboxes = {
      prefix: 'p-',
      path: (name: string) => `/run/netns/${name}`,
      ...{ make: note('make'), add: note('add'), remove: note('remove'), unplug: note('unplug') },
    } as unknown as Sandboxes;
    const store = createNetworkStore(database);
    const strict = { ...network, id: 's', name: 'strict' };
    store.saveNetwork(strict);
    const links: string[] = [];
    const firewall = {
      admit: async ({ link }: { link: string }) => {
        links.push(link);
        throw new Error('no such set');
      },
      forget: () => {},
    };
    const names = { prepare: async () => {}, discard: () => {} };
    const endpoints = createEndpoints({ ip, store, sandboxes, names, firewall });
    await expect(endpoints.take(strict, {})).rejects.toThrow('no such set');
    await expect(endpoints.take(strict, { namespace: 'p-c', device: 'eth1' })).rejects.toThrow('no such set');
    const made = done[0]?.slice('make '.length);
    expect(done).toEqual([`make ${made}`, `remove ${made}`, 'add p-c', `unplug ${links[1]}`]);
    expect(store.endpoints().filter(({ networkId }) => networkId === 's')).toEqual([]);
  });
});
