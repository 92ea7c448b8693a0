import { FlagValueError, flag } from '../../../flag.ts';
import { parseGpus } from '../gpus.ts';
import { parseCpus, parseSwap, parseUlimit } from '../resources.ts';
import { listOf } from './kinds.ts';

const group = { group: 'Resources' };

const swap = (text: string) => {
  try {
    return parseSwap(text);
  } catch (error) {
    throw new FlagValueError((error as Error).message);
  }
};

/** Limits of memory, CPUs, processes and GPUs. */
export const resourceFlags = {
  memory: flag.bytes({ short: 'm', value: 'bytes', summary: 'Most memory', default: 0, ...group }),
  memoryReservation: flag.bytes({
    value: 'bytes',
    summary: 'Memory it gets when there is little',
    default: 0,
    ...group,
  }),
  memorySwap: flag.custom({
    value: 'bytes',
    summary: 'Most memory and swap together; -1 for all swap there is',
    type: 'bytes',
    default: 0,
    parse: swap,
    ...group,
  }),
  memorySwappiness: flag.integer({
    value: '0..100',
    summary: 'How readily it is swapped out',
    default: -1,
    ...group,
  }),
  oomKillDisable: flag.boolean({ summary: 'Never kill it for want of memory', ...group }),
  oomScoreAdj: flag.integer({
    value: '-1000..1000',
    summary: 'How readily it is killed for want of memory',
    default: 0,
    ...group,
  }),
  cpus: flag.custom({
    value: 'number',
    summary: 'Most CPUs, as in 1.5',
    type: 'decimal',
    default: 0,
    parse: parseCpus,
    ...group,
  }),
  cpuShares: flag.integer({
    short: 'c',
    value: 'shares',
    summary: 'CPU time beside others (1024 is one share)',
    default: 0,
    ...group,
  }),
  cpuPeriod: flag.integer({ value: 'µs', summary: 'Period of the CPU quota', default: 0, ...group }),
  cpuQuota: flag.integer({ value: 'µs', summary: 'CPU time in each period', default: 0, ...group }),
  cpuRtPeriod: flag.integer({ value: 'µs', summary: 'Period of real-time CPU', default: 0, ...group }),
  cpuRtRuntime: flag.integer({
    value: 'µs',
    summary: 'Real-time CPU in each period',
    default: 0,
    ...group,
  }),
  cpusetCpus: flag.string({ value: '0-3,5', summary: 'CPUs it may use', ...group }),
  cpusetMems: flag.string({ value: '0-3,5', summary: 'Memory nodes it may use', ...group }),
  cpuCount: flag.integer({ summary: 'CPUs (Windows)', hidden: true, system: 'windows', default: 0 }),
  cpuPercent: flag.integer({
    summary: 'Part of the CPUs (Windows)',
    hidden: true,
    system: 'windows',
    default: 0,
  }),
  pidsLimit: flag.integer({
    value: 'number',
    summary: 'Most processes; -1 for any number',
    default: 0,
    ...group,
  }),
  ulimit: flag.custom({
    value: 'name=soft[:hard]',
    summary: 'Limit of the processes',
    ...group,
    ...listOf('ulimit', parseUlimit),
  }),
  gpus: flag.custom({
    value: 'all|n|fields',
    summary: 'GPUs to add',
    ...group,
    ...listOf('gpu-request', parseGpus),
  }),
  cgroupParent: flag.string({ value: 'cgroup', summary: 'Cgroup above the container', ...group }),
};
