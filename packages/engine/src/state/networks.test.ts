import { beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import {
  createNetworkStore,
  type EndpointRecord,
  type NetworkStore,
  noWishes,
  plainNetwork,
  schema,
} from './networks.ts';

const network = {
  id: 'n',
  name: 'bridge',
  driver: 'bridge' as const,
  created: '2026-11-25T00:00:00Z',
  bridge: '',
  subnet: '',
  gateway: '',
  subnet6: '',
  gateway6: '',
  wishes: plainNetwork,
};

const endpoint = (id: string, address: number): EndpointRecord => ({
  id,
  networkId: 'n',
  containerId: null,
  address,
  address6: '',
  mac: '',
  device: 'eth0',
  wishes: noWishes,
  namespace: `namespace-${id}`,
  link: `veth${id}`,
});

const sandbox = (containerId: string) => ({
  containerId,
  containerName: `name-${containerId}`,
  mode: 'default',
  key: '/run/netns/x',
  ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }], '81/tcp': null },
  dns: [],
  route: null,
});

let store: NetworkStore;
beforeEach(() => {
  store = createNetworkStore(openDatabase(':memory:', [schema]));
  store.saveNetwork(network);
});

describe('the records of networks', () => {
  it('are changed in place, and keep the place where addresses go on', () => {
    store.addEndpoint(endpoint('a', 7));
    store.saveNetwork({ ...network, bridge: 'davit1', subnet: '10.0.0.0/8', gateway: '10.0.0.1' });
    expect(store.networks()).toEqual([
      { ...network, bridge: 'davit1', subnet: '10.0.0.0/8', gateway: '10.0.0.1' },
    ]);
    expect(store.lastAddress('n')).toBe(7);
  });

  it('hold each address once, and many endpoints without one', () => {
    store.addEndpoint(endpoint('a', 7));
    expect(() => store.addEndpoint(endpoint('b', 7))).toThrow('UNIQUE');
    store.addEndpoint(endpoint('c', 0));
    store.addEndpoint(endpoint('d', 0));
    expect(store.addressesOf('n')).toEqual(new Set([7]));
  });

  it('give an endpoint to a container together with its sandbox, and take both', () => {
    store.addEndpoint(endpoint('a', 7));
    store.attach(sandbox('web'), [endpoint('a', 7)]);
    expect(store.sandbox('web')).toEqual(sandbox('web'));
    expect(store.endpointsOf('web')).toEqual([{ ...endpoint('a', 7), containerId: 'web' }]);
    store.addEndpoint(endpoint('b', 8));
    expect(() => store.attach(sandbox('web'), [endpoint('b', 8)])).toThrow('UNIQUE');
    expect(store.endpointsOf('web')).toHaveLength(1);
    store.detach('web');
    expect(store.sandboxes()).toEqual([]);
    expect(store.endpoints()).toEqual([endpoint('b', 8)]);
  });
});
