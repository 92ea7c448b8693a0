import { flag, type OptionsOf } from '../command.ts';
import { createFlags } from '../container/options/flags.ts';

const { cgroupParent, cpuPeriod, cpuQuota, cpuShares, cpusetCpus, cpusetMems } = createFlags;
const { isolation, memory, memorySwap, shmSize } = createFlags;

/** What limits the containers of RUN. */
export const limitFlags = {
  ...{ cgroupParent, cpuPeriod, cpuQuota, cpuShares, cpusetCpus, cpusetMems },
  ...{ isolation, memory, memorySwap },
  shmSize: { ...shmSize, summary: 'Size of /dev/shm of RUN' },
  securityOpt: flag.list({ summary: 'Security options of RUN' }),
};

/** The limits as the request to build has them. */
export function limitQuery(options: OptionsOf<typeof limitFlags>) {
  return {
    cgroupparent: options.cgroupParent ?? '',
    cpuperiod: options.cpuPeriod || null,
    cpuquota: options.cpuQuota || null,
    cpushares: options.cpuShares || null,
    cpusetcpus: options.cpusetCpus ?? '',
    cpusetmems: options.cpusetMems ?? '',
    isolation: options.isolation ?? '',
    memory: options.memory || null,
    memswap: options.memorySwap || null,
    shmsize: options.shmSize || null,
    securityopt: options.securityOpt.length > 0 ? JSON.stringify(options.securityOpt) : '',
  };
}
