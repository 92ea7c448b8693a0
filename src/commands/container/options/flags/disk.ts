import { FlagValueError, flag } from '../../../flag.ts';
import { parseDeviceOperations, parseDeviceRate, parseDeviceWeight } from '../resources.ts';
import { listOf } from './kinds.ts';

const group = { group: 'Resources' };

function weight(text: string): number {
  const shown = JSON.stringify(text);
  if (!/^\d+$/.test(text)) throw new FlagValueError(`strconv.ParseUint: parsing ${shown}: invalid syntax`);
  if (Number(text) > 65_535)
    throw new FlagValueError(`strconv.ParseUint: parsing ${shown}: value out of range`);
  return Number(text);
}

/** Limits of reading and writing block devices. */
export const diskFlags = {
  blkioWeight: flag.custom({
    value: '10..1000',
    summary: 'Disk time beside others',
    type: 'uint16',
    default: 0,
    parse: weight,
    ...group,
  }),
  blkioWeightDevice: flag.custom({
    value: 'device:weight',
    summary: 'The same for one device',
    ...group,
    ...listOf('list', parseDeviceWeight),
  }),
  deviceReadBps: flag.custom({
    value: 'device:rate',
    summary: 'Most bytes a second read',
    ...group,
    ...listOf('list', parseDeviceRate),
  }),
  deviceReadIops: flag.custom({
    value: 'device:rate',
    summary: 'Most reads a second',
    ...group,
    ...listOf('list', parseDeviceOperations),
  }),
  deviceWriteBps: flag.custom({
    value: 'device:rate',
    summary: 'Most bytes a second written',
    ...group,
    ...listOf('list', parseDeviceRate),
  }),
  deviceWriteIops: flag.custom({
    value: 'device:rate',
    summary: 'Most writes a second',
    ...group,
    ...listOf('list', parseDeviceOperations),
  }),
  ioMaxbandwidth: flag.bytes({
    summary: 'Bytes a second of the system disk (Windows)',
    hidden: true,
    system: 'windows',
    default: 0,
  }),
  ioMaxiops: flag.integer({
    summary: 'Operations a second of the system disk (Windows)',
    hidden: true,
    system: 'windows',
    default: 0,
  }),
};
