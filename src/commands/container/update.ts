import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { atLeast, defineCommand } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { forEachName } from '../each.ts';
import type { OptionsOf } from '../flag.ts';
import { createFlags } from './options/flags.ts';
import { parseRestart } from './options/policies.ts';

const { blkioWeight, cpuPeriod, cpuQuota, cpuRtPeriod, cpuRtRuntime, cpuShares, cpus } = createFlags;
const { cpusetCpus, cpusetMems, memory, memoryReservation, memorySwap, pidsLimit } = createFlags;

const flags = {
  ...{ blkioWeight, cpuPeriod, cpuQuota, cpuRtPeriod, cpuRtRuntime, cpuShares, cpus },
  ...{ cpusetCpus, cpusetMems, memory, memoryReservation, memorySwap, pidsLimit },
  restart: { ...createFlags.restart, initial: '' },
};

function limitsOf(options: OptionsOf<typeof flags>) {
  return {
    BlkioWeight: options.blkioWeight,
    CpuPeriod: options.cpuPeriod,
    CpuQuota: options.cpuQuota,
    CpuRealtimePeriod: options.cpuRtPeriod,
    CpuRealtimeRuntime: options.cpuRtRuntime,
    CpuShares: options.cpuShares,
    CpusetCpus: options.cpusetCpus,
    CpusetMems: options.cpusetMems,
    Memory: options.memory,
    MemoryReservation: options.memoryReservation,
    MemorySwap: options.memorySwap,
    NanoCpus: options.cpus,
    PidsLimit: options.pidsLimit,
  };
}

export default defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Update configuration of one or more containers',
  description: 'Changes limits and the restart policy of containers, also while they run.',
  examples: [
    { command: 'update --memory 512m --memory-swap 1g web', explanation: 'Give it more memory' },
    { command: 'update --restart unless-stopped web', explanation: 'Let it come back when it ends' },
  ],
  arguments: atLeast(1),
  flags,
  run: async (options, names, context) => {
    const limits = limitsOf(options);
    if (options.restart === '' && !Object.values(limits).some(Boolean))
      throw new CommandError('you must provide one or more flags when using this command');
    const client = await context.connect();
    const body = {
      ...limits,
      ...(options.restart === '' ? {} : { RestartPolicy: parseRestart(options.restart) }),
    };
    const warnings: string[] = [];
    const update = async (name: string) => {
      const { Warnings } = await client.call(routes.containerUpdate, { path: containerPath(name), body });
      warnings.push(...(Warnings ?? []));
    };
    await forEachName(names, update, { out: context.streams.out, oneByOne: true });
    if (warnings.length > 0) await context.streams.out.line(warnings.join('\n'));
    return 0;
  },
});
