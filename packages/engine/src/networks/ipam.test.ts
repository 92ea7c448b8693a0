import { beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../state/database.ts';
import {
  createNetworkStore,
  type NetworkRecord,
  type NetworkStore,
  plainNetwork,
  schema,
} from '../state/networks.ts';
import { nextFree, reserveEndpoint } from './ipam.ts';
import { formatAddress, parseAddress, parseInterface } from './ipv4.ts';

const network: NetworkRecord = {
  id: 'n'.repeat(64),
  name: 'bridge',
  driver: 'bridge',
  created: '2026-11-25T00:00:00Z',
  bridge: 'davit0',
  subnet: '10.0.0.0/29',
  gateway: '10.0.0.1',
  subnet6: '',
  gateway6: '',
  wishes: plainNetwork,
};

let store: NetworkStore;
beforeEach(() => {
  store = createNetworkStore(openDatabase(':memory:', [schema]));
  store.saveNetwork(network);
});

function reserve(request: { address?: string; mac?: string } = {}, of = network) {
  return reserveEndpoint(store, of, { ...request, namespacePrefix: 'davit-test-' });
}

function take(request: { address?: string } = {}): string {
  return formatAddress(reserve(request).address);
}

describe('addresses', () => {
  it('are given one after the other, until there is none', () => {
    expect([take(), take(), take(), take(), take()]).toEqual([
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.4',
      '10.0.0.5',
      '10.0.0.6',
    ]);
    expect(() => take()).toThrow(
      `no available IPv4 addresses on this network's address pools: bridge (${network.id})`,
    );
  });

  it('are none in a network that has been removed meanwhile', () => {
    store.removeNetwork(network.id);
    expect(() => reserve()).toThrow('network bridge not found');
    // Another one may have its name by now.
    store.saveNetwork({ ...network, id: 'o'.repeat(64) });
    expect(() => reserve()).toThrow('network bridge not found');
  });

  it('rest when they are free again, until all others were given', () => {
    const first = reserve();
    store.removeEndpoint(first.id);
    expect([take(), take(), take(), take()]).toEqual(['10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
    expect(take()).toBe('10.0.0.2');
  });

  it('can be asked for', () => {
    expect(take({ address: '10.0.0.5' })).toBe('10.0.0.5');
    expect(take()).toBe('10.0.0.6');
    expect(take()).toBe('10.0.0.2');
    for (const address of ['10.0.0.5', '10.0.0.1']) {
      expect(() => take({ address })).toThrow('Address already in use');
    }
    for (const address of ['10.0.0.8', '10.0.0.0', '10.0.0.7']) {
      expect(() => take({ address })).toThrow(
        `invalid address ${address}: It does not belong to any of this network's subnets`,
      );
    }
    expect(() => take({ address: 'x' })).toThrow('invalid IPv4 address: x');
  });

  it('come with names for the kernel and a hardware address', () => {
    const endpoint = reserve();
    expect(endpoint).toMatchObject({ mac: '02:42:0a:00:00:02', containerId: null });
    expect(endpoint.link).toMatch(/^veth[0-9a-f]{7}$/);
    expect(endpoint.namespace).toBe(`davit-test-${endpoint.id.slice(0, 12)}`);
    expect(reserve({ mac: '02:00:00:00:00:01' }).mac).toBe('02:00:00:00:00:01');
  });

  it('are not given in networks without any', () => {
    const host: NetworkRecord = {
      ...network,
      id: 'h',
      name: 'host',
      driver: 'host',
      subnet: '',
      gateway: '',
    };
    store.saveNetwork(host);
    const empty = { address: 0, mac: '', namespace: '', link: '' };
    expect([reserve({}, host), reserve({}, host)]).toMatchObject([empty, empty]);
  });

  it('are searched for in the whole of a large network', () => {
    const subnet = parseInterface('172.30.0.0/16')?.subnet ?? { base: 0, prefix: 0 };
    const last = parseAddress('172.30.255.254') ?? 0;
    expect(nextFree(subnet, last - 1, new Set())).toBe(last);
    expect(nextFree(subnet, last, new Set())).toBe(parseAddress('172.30.0.1'));
    const all = new Set(Array.from({ length: 65534 }, (_, index) => subnet.base + 1 + index));
    expect(nextFree(subnet, last, all)).toBeNull();
    all.delete(subnet.base + 300);
    expect(nextFree(subnet, last - 7, all)).toBe(subnet.base + 300);
  });
});
