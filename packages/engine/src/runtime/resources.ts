import type { HostConfig } from '@davit/api';
import type { Devices } from './devices.ts';
import type { HostFacts } from './input.ts';
import type { OciResources, OciRlimit, OciThrottle } from './oci.ts';

const cpuPeriod = 100_000;

/** The limits of a container's cgroup. */
export function buildResources(hostConfig: HostConfig, devices: Devices, facts: HostFacts): OciResources {
  return {
    devices: [{ allow: false, access: 'rwm' }, ...devices.rules],
    memory: buildMemory(hostConfig, facts),
    cpu: buildCpu(hostConfig, facts),
    pids: facts.pidsLimit ? buildPids(hostConfig) : undefined,
    blockIO: buildBlockIo(hostConfig, devices, facts),
  };
}

function buildMemory(hostConfig: HostConfig, facts: HostFacts): OciResources['memory'] {
  if (!facts.memoryLimit) return undefined;
  const { Memory, MemorySwap, MemoryReservation, MemorySwappiness, OomKillDisable } = hostConfig;
  // As much swap as memory, unless it is said; both together are what the kernel is told.
  const swap = MemorySwap || Memory * 2;
  const isVersion1 = facts.cgroupVersion === 1;
  return definedOnly({
    limit: Memory || undefined,
    reservation: MemoryReservation || undefined,
    swap: facts.swapLimit && swap ? swap : undefined,
    swappiness:
      isVersion1 && MemorySwappiness !== null && MemorySwappiness >= 0 ? MemorySwappiness : undefined,
    disableOOMKiller: isVersion1 && OomKillDisable ? true : undefined,
  });
}

function buildCpu(hostConfig: HostConfig, facts: HostFacts): OciResources['cpu'] {
  const { NanoCpus, CpuQuota, CpuPeriod } = hostConfig;
  const quota = NanoCpus > 0 ? Math.trunc((NanoCpus * cpuPeriod) / 1e9) : CpuQuota;
  const period = NanoCpus > 0 ? cpuPeriod : CpuPeriod;
  return definedOnly({
    shares: (facts.cpuShares && hostConfig.CpuShares) || undefined,
    quota: (facts.cpuQuota && quota) || undefined,
    period: (facts.cpuQuota && period) || undefined,
    realtimeRuntime: hostConfig.CpuRealtimeRuntime || undefined,
    realtimePeriod: hostConfig.CpuRealtimePeriod || undefined,
    cpus: (facts.cpuset && hostConfig.CpusetCpus) || undefined,
    mems: (facts.cpuset && hostConfig.CpusetMems) || undefined,
  });
}

function buildPids({ PidsLimit }: HostConfig): OciResources['pids'] {
  if (!PidsLimit) return undefined;
  return { limit: PidsLimit < 0 ? -1 : PidsLimit };
}

function buildBlockIo(
  hostConfig: HostConfig,
  { numbers }: Devices,
  facts: HostFacts,
): OciResources['blockIO'] {
  const number = (path: string) => numbers[path] ?? { major: 0, minor: 0 };
  const throttle = (list: { Path: string; Rate: number }[] | null): OciThrottle[] | undefined =>
    list?.length ? list.map(({ Path, Rate }) => ({ ...number(Path), rate: Rate })) : undefined;
  const weights = (facts.blkioWeightDevice && hostConfig.BlkioWeightDevice) || [];
  return definedOnly({
    weight: (facts.blkioWeight && hostConfig.BlkioWeight) || undefined,
    weightDevice: weights.length
      ? weights.map(({ Path, Weight }) => ({ ...number(Path), weight: Weight }))
      : undefined,
    throttleReadBpsDevice: throttle(hostConfig.BlkioDeviceReadBps),
    throttleWriteBpsDevice: throttle(hostConfig.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: throttle(hostConfig.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: throttle(hostConfig.BlkioDeviceWriteIOps),
  });
}

/** Leaves out what is undefined; undefined when nothing is left. */
function definedOnly<T extends object>(value: T): T | undefined {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as T) : undefined;
}

/** The limits of each process, no higher than this engine may set them. */
export function buildRlimits(hostConfig: HostConfig, facts: HostFacts): OciRlimit[] | undefined {
  const limits = (hostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => {
    const type = `RLIMIT_${Name.toUpperCase()}`;
    const highest = facts.hardLimits[type];
    return { type, soft: clip(Soft, highest), hard: clip(Hard, highest) };
  });
  return limits.length > 0 ? limits : undefined;
}

/** In a limit, -1 stands for none. */
function clip(value: number, highest: number | undefined): number {
  if (highest === undefined) return value;
  return value < 0 ? highest : Math.min(value, highest);
}

/** The container's oom_score_adj, no lower than this engine may set it. */
export function oomScore(hostConfig: HostConfig, facts: HostFacts): number {
  return Math.max(hostConfig.OomScoreAdj, facts.lowestOomScore);
}

/** What is asked for in vain on this machine, for the person who creates the container. */
export function hostWarnings(hostConfig: HostConfig, facts: HostFacts): string[] {
  const { Memory, MemorySwap, MemorySwappiness, OomKillDisable, CpusetCpus, CpusetMems } = hostConfig;
  const isVersion2 = facts.cgroupVersion === 2;
  const quota = hostConfig.NanoCpus || hostConfig.CpuQuota || hostConfig.CpuPeriod;
  const inVain: [boolean, string, string][] = [
    [Memory > 0 && !facts.memoryLimit, 'memory limit capabilities', 'Limitation discarded.'],
    [
      Memory > 0 && MemorySwap !== -1 && facts.memoryLimit && !facts.swapLimit,
      'swap limit capabilities',
      'Memory limited without swap.',
    ],
    [
      isVersion2 && MemorySwappiness !== null && MemorySwappiness >= 0,
      'memory swappiness capabilities',
      'Memory swappiness discarded.',
    ],
    [(hostConfig.PidsLimit ?? 0) > 0 && !facts.pidsLimit, 'PIDs limit capabilities', 'PIDs limit discarded.'],
    [hostConfig.CpuShares > 0 && !facts.cpuShares, 'CPU shares', 'Shares discarded.'],
    [quota !== 0 && !facts.cpuQuota, 'CPU CFS scheduler', 'Quota discarded.'],
    [`${CpusetCpus}${CpusetMems}` !== '' && !facts.cpuset, 'cpuset', 'Cpuset discarded.'],
    [hostConfig.BlkioWeight > 0 && !facts.blkioWeight, 'Block I/O weight', 'Weight discarded.'],
    [
      (hostConfig.BlkioWeightDevice ?? []).length > 0 && !facts.blkioWeightDevice,
      'Block I/O weight_device',
      'Weight-device discarded.',
    ],
  ];
  const warnings = inVain
    .filter(([applies]) => applies)
    .map(([, what, then]) => `Your kernel does not support ${what} or the cgroup is not mounted. ${then}`);
  if (isVersion2 && OomKillDisable)
    warnings.push('Your kernel does not support OomKillDisable. OomKillDisable discarded.');
  return [...warnings, ...privilegeWarnings(hostConfig, facts)];
}

/** What an engine without CAP_SYS_RESOURCE cannot give. */
function privilegeWarnings(hostConfig: HostConfig, facts: HostFacts): string[] {
  const warnings: string[] = [];
  for (const [index, limit] of (buildRlimits(hostConfig, facts) ?? []).entries()) {
    const asked = hostConfig.Ulimits?.[index];
    if (!asked || (asked.Hard === limit.hard && asked.Soft === limit.soft)) continue;
    warnings.push(
      `The engine may not raise limits (it lacks CAP_SYS_RESOURCE): ulimit ${asked.Name}=${asked.Soft}:${asked.Hard} lowered to ${limit.soft}:${limit.hard}.`,
    );
  }
  const score = oomScore(hostConfig, facts);
  if (score !== hostConfig.OomScoreAdj && hostConfig.OomScoreAdj !== 0) {
    warnings.push(
      `The engine may not lower the OOM score (it lacks CAP_SYS_RESOURCE): ${hostConfig.OomScoreAdj} raised to ${score}.`,
    );
  }
  return warnings;
}
