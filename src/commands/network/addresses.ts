import { isIPv4 } from 'node:net';
import type { IpamConfig } from '@davit/api';
import { CommandError } from '../../exit.ts';

interface AddressOptions {
  subnet: string[];
  ipRange: string[];
  gateway: string[];
  auxAddress: Record<string, string>;
}

/** A subnet's first address as a number, and how many bits of how many are fixed. */
interface Subnet {
  base: bigint;
  prefix: number;
  bits: number;
}

function numberOf(address: string): bigint | null {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  if (!address.includes(':') || !URL.canParse(`http://[${address}]/`)) return null;
  const written = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail = ''] = written.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = written.includes('::') ? [...groups(head), ...zeros, ...groups(tail)] : groups(written);
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function parseSubnet(text: string): Subnet | null {
  const [address = '', prefix = ''] = text.split('/');
  const number = numberOf(address);
  const bits = address.includes(':') ? 128 : 32;
  if (number === null || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return null;
  const rest = BigInt(bits - Number(prefix));
  return { base: (number >> rest) << rest, prefix: Number(prefix), bits };
}

function holds(subnet: Subnet, address: string): boolean {
  const number = numberOf(address);
  if (number === null || subnet.bits !== (address.includes(':') ? 128 : 32)) return false;
  const rest = BigInt(subnet.bits - subnet.prefix);
  return number >> rest === subnet.base >> rest;
}

/** Puts subnets, ranges, gateways and addresses together that belong together. Throws in docker's words. */
export function collectAddresses(options: AddressOptions): IpamConfig[] {
  const { subnet: subnets, ipRange: ranges, gateway: gateways, auxAddress } = options;
  if (subnets.length < ranges.length || subnets.length < gateways.length) {
    throw new CommandError('every ip-range or gateway must have a corresponding subnet');
  }
  const parsed = subnets.map((text) => ({ text, subnet: parseSubnet(text) }));
  const overlap = (a: Subnet, b: Subnet) => {
    const rest = BigInt(a.bits - Math.min(a.prefix, b.prefix));
    return a.bits === b.bits && a.base >> rest === b.base >> rest;
  };
  for (const [index, { subnet }] of parsed.entries()) {
    const others = parsed.slice(index + 1);
    if (subnet && others.some((other) => other.subnet && overlap(subnet, other.subnet))) {
      throw new CommandError('multiple overlapping subnet configuration is not supported');
    }
  }
  const configs = parsed.map(({ text, subnet }) => ({
    subnet,
    config: { Subnet: text, IPRange: '', Gateway: '', AuxiliaryAddresses: {} as Record<string, string> },
  }));
  const find = (address: string) => configs.find(({ subnet }) => subnet && holds(subnet, address));
  for (const range of ranges) {
    if (!parseSubnet(range)) throw new CommandError(`invalid CIDR address: ${range}`);
    const place = find(range.split('/')[0] ?? '') ?? fail(`no matching subnet for range ${range}`);
    const { IPRange, Subnet } = place.config;
    if (IPRange)
      fail(`cannot configure multiple ranges (${range}, ${IPRange}) on the same subnet (${Subnet})`);
    place.config.IPRange = range;
  }
  for (const gateway of gateways) {
    const place = find(gateway) ?? fail(`no matching subnet for gateway ${gateway}`);
    const { Gateway, Subnet } = place.config;
    if (Gateway)
      fail(`cannot configure multiple gateways (${gateway}, ${Gateway}) for the same subnet (${Subnet})`);
    place.config.Gateway = gateway;
  }
  for (const [name, address] of Object.entries(auxAddress)) {
    const place = find(address) ?? fail(`no matching subnet for aux-address ${address}`);
    place.config.AuxiliaryAddresses[name] = address;
  }
  return configs.map(({ config }) => config);
}

function fail(message: string): never {
  throw new CommandError(message);
}
