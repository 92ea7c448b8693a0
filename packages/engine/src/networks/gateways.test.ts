import { expect, it } from 'vitest';
import { type EndpointRecord, type NetworkRecord, noWishes, plainNetwork } from '../state/networks.ts';
import { gatewaysOf } from './gateways.ts';

function place(name: string, change: { internal?: boolean; priority?: number; address6?: string } = {}) {
  const { internal = false, priority = 0, address6 = '' } = change;
  const network: NetworkRecord = {
    ...{
      id: name,
      name,
      driver: 'bridge',
      created: '',
      bridge: name,
      subnet: '10.0.0.0/8',
      gateway: `gateway-${name}`,
    },
    ...{ subnet6: '', gateway6: `six-${name}`, wishes: { ...plainNetwork, internal } },
  };
  const endpoint: EndpointRecord = {
    ...{
      id: name,
      networkId: name,
      containerId: 'c',
      address: 10 * 2 ** 24 + 2,
      address6,
      mac: '',
      device: 'eth0',
    },
    ...{ namespace: '', link: 'veth', wishes: { ...noWishes, gatewayPriority: priority } },
  };
  return { network, endpoint };
}

it.each([
  ['the first by name', [place('b'), place('a')], 'gateway-a', ''],
  ['the one of the highest priority', [place('a'), place('b', { priority: 1 })], 'gateway-b', ''],
  ['none that is internal', [place('a', { internal: true }), place('b')], 'gateway-b', ''],
  ['nothing without a way out', [place('a', { internal: true })], '', ''],
  ['another one for IPv6', [place('a'), place('b', { address6: 'fd00::2' })], 'gateway-a', 'six-b'],
])('the way out is %s', (_, places, gateway, gateway6) => {
  expect(gatewaysOf(places)).toMatchObject({ gateway, gateway6 });
});
