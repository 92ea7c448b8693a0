import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, release } from 'node:os';
import { capabilityNames } from './capabilities.ts';
import { cgroupSupport, cgroupVersion, finerSupport } from './cgroup.ts';
import type { HostFacts } from './input.ts';

/** Finds out what this machine and the engine's own process allow. */
export async function readHostFacts(): Promise<HostFacts> {
  const [status, hardLimits, score, support, nodes] = await Promise.all([
    readFile('/proc/self/status', 'utf8'),
    unraisableLimits(),
    readFile('/proc/self/oom_score_adj', 'utf8'),
    cgroupSupport(),
    readFile('/sys/devices/system/node/online', 'utf8').catch(() => '0'),
  ]);
  const capabilities = capabilityNames(field(status, 'CapBnd'));
  return {
    cgroupVersion: cgroupVersion(),
    architecture: process.arch,
    capabilities,
    hardLimits,
    lowestOomScore: mayRaiseLimits(status) ? -1000 : Number(score),
    kernel: release(),
    seccomp: /^Seccomp:/m.test(status),
    apparmor: existsSync('/sys/kernel/security/apparmor/profiles'),
    memoryLimit: support.MemoryLimit,
    swapLimit: support.SwapLimit,
    cpuQuota: support.CpuCfsQuota,
    cpuShares: support.CPUShares,
    cpuset: support.CPUSet,
    pidsLimit: support.PidsLimit,
    ...finerSupport(),
    memoryNodes: nodes.trim(),
    cpus: availableParallelism(),
  };
}

/** Hard limits that the engine and its children have and may not raise, by OCI name. */
export async function unraisableLimits(): Promise<Record<string, number>> {
  const [status, limits] = await Promise.all([
    readFile('/proc/self/status', 'utf8'),
    readFile('/proc/self/limits', 'utf8'),
  ]);
  return mayRaiseLimits(status) ? {} : parseHardLimits(limits);
}

function mayRaiseLimits(status: string): boolean {
  return capabilityNames(field(status, 'CapEff')).includes('CAP_SYS_RESOURCE');
}

function field(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(status)?.[1] ?? '0';
}

const limitNames: Record<string, string> = {
  'Max cpu time': 'RLIMIT_CPU',
  'Max file size': 'RLIMIT_FSIZE',
  'Max data size': 'RLIMIT_DATA',
  'Max stack size': 'RLIMIT_STACK',
  'Max core file size': 'RLIMIT_CORE',
  'Max resident set': 'RLIMIT_RSS',
  'Max processes': 'RLIMIT_NPROC',
  'Max open files': 'RLIMIT_NOFILE',
  'Max locked memory': 'RLIMIT_MEMLOCK',
  'Max address space': 'RLIMIT_AS',
  'Max file locks': 'RLIMIT_LOCKS',
  'Max pending signals': 'RLIMIT_SIGPENDING',
  'Max msgqueue size': 'RLIMIT_MSGQUEUE',
  'Max nice priority': 'RLIMIT_NICE',
  'Max realtime priority': 'RLIMIT_RTPRIO',
  'Max realtime timeout': 'RLIMIT_RTTIME',
};

/** Reads /proc/<pid>/limits: the hard limits that are not unlimited. */
export function parseHardLimits(text: string): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const columns = /^(.+?)\s{2,}(\S+)\s+(\S+)/.exec(line);
    const name = limitNames[columns?.[1] ?? ''];
    const hard = Number(columns?.[3]);
    if (name && Number.isSafeInteger(hard)) limits[name] = hard;
  }
  return limits;
}
