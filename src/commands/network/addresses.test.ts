import { expect, it } from 'vitest';
import { collectAddresses } from './addresses.ts';

const none = { subnet: [], ipRange: [], gateway: [], auxAddress: {} };

it('puts together what lies in the same subnet', () => {
  const options = {
    subnet: ['10.1.0.0/16', 'fd00:1::/64'],
    ipRange: ['10.1.5.0/24'],
    gateway: ['fd00:1::99', '10.1.0.9'],
    auxAddress: { router: '10.1.0.2' },
  };
  expect(collectAddresses(options)).toEqual([
    {
      Subnet: '10.1.0.0/16',
      IPRange: '10.1.5.0/24',
      Gateway: '10.1.0.9',
      AuxiliaryAddresses: { router: '10.1.0.2' },
    },
    { Subnet: 'fd00:1::/64', IPRange: '', Gateway: 'fd00:1::99', AuxiliaryAddresses: {} },
  ]);
  expect(collectAddresses(none)).toEqual([]);
});

it.each([
  [{ gateway: ['10.9.0.1'] }, 'every ip-range or gateway must have a corresponding subnet'],
  [{ subnet: ['10.1.0.0/16', '10.1.2.0/24'] }, 'multiple overlapping subnet configuration is not supported'],
  [{ subnet: ['10.1.0.0/16'], ipRange: ['x'] }, 'invalid CIDR address: x'],
  [{ subnet: ['10.1.0.0/16'], ipRange: ['10.2.0.0/24'] }, 'no matching subnet for range 10.2.0.0/24'],
  [{ subnet: ['10.1.0.0/16'], gateway: ['nope'] }, 'no matching subnet for gateway nope'],
  [{ subnet: ['10.1.0.0/16'], auxAddress: { nope: '' } }, 'no matching subnet for aux-address '],
])('refuses %j', (options, reason) => {
  expect(() => collectAddresses({ ...none, ...options })).toThrow(reason);
});
