import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openDatabase } from '../state/database.ts';
import { createNetworkStore, type NetworkRecord, plainNetwork, schema } from '../state/networks.ts';
import { type AttachmentDependencies, createAttachments } from './attachments.ts';
import { reserveEndpoint } from './ipam.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-attachments-'));
const database = openDatabase(join(directory, 'state.db'), [schema]);
afterAll(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

const none: NetworkRecord = {
  ...{ id: 'none', name: 'none', driver: 'null', created: '', bridge: '', wishes: plainNetwork },
  ...{ subnet: '', gateway: '', subnet6: '', gateway6: '' },
};

it('a container without any network leaves no namespace when it cannot be written down', async () => {
  const store = createNetworkStore(database);
  store.saveNetwork(none);
  const made: string[] = [];
  const gone: string[] = [];
  const full = () => {
    throw new Error('database or disk is full');
  };
  const deps = {
    store: { ...store, attach: full },
    sandboxes: { path: (name: string) => `/run/netns/${name}` },
    endpoints: {
      take: async (network: NetworkRecord) => {
        const endpoint = reserveEndpoint(store, network, { namespacePrefix: 'p-' });
        made.push(endpoint.namespace);
        return endpoint;
      },
      unplug: async (namespace: string) => void gone.push(namespace),
    },
    ports: { release: () => undefined },
    names: { close: () => undefined, discard: () => undefined },
    firewall: { unpublish: async () => undefined },
    prepare: async () => none,
  } as unknown as AttachmentDependencies;
  const request = {
    ...{ id: 'c', name: 'c', networkMode: 'none', networks: {}, isAlone: true, dns: [] },
    ...{ portBindings: {}, exposedPorts: [], publishAll: false },
  };
  const connecting = createAttachments(deps).connect(request);
  await expect(connecting).rejects.toThrow('database or disk is full');
  expect(made).toHaveLength(1);
  expect(gone).toEqual(made);
  expect(store.endpoints()).toEqual([]);
});
