import type { HostConfig } from '@davit/api';
import type { HostFacts } from '../runtime/input.ts';
import { hostWarnings } from '../runtime/resources.ts';
import { defaultMaskedPaths, defaultReadonlyPaths } from '../runtime/spec.ts';

const defaultSharedMemory = 64 * 1024 * 1024;

/** Fills in what the user left open, so that inspect shows what the container really has. */
export function completeHostConfig(given: HostConfig, facts: HostFacts, runtimeName: string): HostConfig {
  const privileged = given.Privileged;
  return {
    ...given,
    NetworkMode: given.NetworkMode || 'default',
    PortBindings: given.PortBindings ?? {},
    IpcMode: given.IpcMode || 'private',
    CgroupnsMode: given.CgroupnsMode || (privileged && facts.cgroupVersion === 1 ? 'host' : 'private'),
    ShmSize: given.ShmSize || defaultSharedMemory,
    RestartPolicy: { ...given.RestartPolicy, Name: given.RestartPolicy.Name || 'no' },
    Runtime: given.Runtime || runtimeName,
    ConsoleSize: given.ConsoleSize ?? [0, 0],
    MaskedPaths: privileged ? null : (given.MaskedPaths ?? defaultMaskedPaths(facts.cpus)),
    ReadonlyPaths: privileged ? null : (given.ReadonlyPaths ?? defaultReadonlyPaths),
    // Clients write -1 and 0 where they mean "not set".
    MemorySwappiness: given.MemorySwappiness === -1 ? null : given.MemorySwappiness,
    PidsLimit: (given.PidsLimit ?? 0) <= 0 ? null : given.PidsLimit,
    OomKillDisable: given.OomKillDisable ?? (facts.cgroupVersion === 1 ? false : null),
  };
}

/** Takes away the limits that this kernel cannot keep, and doubles the memory into the swap as docker does. */
export function adjustResources(
  given: HostConfig,
  facts: HostFacts,
): { adjusted: HostConfig; warnings: string[] } {
  const adjusted = { ...given };
  const warnings = hostWarnings(given, facts);
  if (!facts.blkioWeight) adjusted.BlkioWeight = 0;
  if (!facts.blkioWeightDevice) adjusted.BlkioWeightDevice = [];
  if (facts.cgroupVersion === 2) adjusted.OomKillDisable = null;
  if (adjusted.Memory > 0 && !facts.memoryLimit) {
    adjusted.Memory = 0;
    adjusted.MemorySwap = -1;
  }
  if (adjusted.Memory > 0 && !facts.swapLimit) adjusted.MemorySwap = -1;
  if (adjusted.Memory > 0 && adjusted.MemorySwap === 0) adjusted.MemorySwap = adjusted.Memory * 2;
  if (adjusted.OomKillDisable && adjusted.Memory === 0) {
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    );
  }
  if (adjusted.NetworkMode === 'host' && Object.keys(adjusted.PortBindings ?? {}).length > 0) {
    warnings.push('Published ports are discarded when using host network mode');
  }
  return { adjusted, warnings };
}
