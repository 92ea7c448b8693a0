import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const cgroupRoot = '/sys/fs/cgroup';
/** Where a host with cgroups of version 1 has its version 2 hierarchy beside them. */
export const unifiedRoot = '/sys/fs/cgroup/unified';

/** Whether a cgroup hierarchy of version 2 is mounted at `path`. */
export function isCgroup2(path: string): boolean {
  try {
    return statfsSync(path).type === 0x63677270;
  } catch {
    return false;
  }
}

/** The version whose controllers limit containers on this host. */
export function cgroupVersion(): 1 | 2 {
  return isCgroup2(cgroupRoot) ? 2 : 1;
}

/** The cgroup of a container below every controller: one branch for each engine on the machine. */
export function containerCgroup(engineId: string, parent: string, containerId: string): string {
  return parent ? join('/', parent, containerId) : engineCgroup(engineId, containerId);
}

function engineCgroup(engineId: string, containerId = ''): string {
  return join('/davit', engineId, containerId);
}

/** The folders that a cgroup has: one with version 2, one for each controller with version 1. */
async function foldersOf(path: string): Promise<string[]> {
  if (cgroupVersion() === 2) return [join(cgroupRoot, path)];
  const entries = await readdir(cgroupRoot, { withFileTypes: true }).catch(() => []);
  // Links such as cpuacct -> cpu,cpuacct name the same hierarchy twice.
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(cgroupRoot, entry.name, path));
}

/** How many processes of a cgroup the kernel has killed for want of memory; null when it is gone. */
export async function outOfMemoryKills(path: string): Promise<number | null> {
  const file =
    cgroupVersion() === 2
      ? join(cgroupRoot, path, 'memory.events')
      : join(cgroupRoot, 'memory', path, 'memory.oom_control');
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** IDs of the processes in a cgroup and below it; none when it is gone. */
export async function processesIn(path: string): Promise<number[]> {
  const root = cgroupVersion() === 2 ? cgroupRoot : join(cgroupRoot, 'pids');
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => []);
  const text = await readFile(join(root, path, 'cgroup.procs'), 'utf8').catch(() => '');
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
  const pids = text.split('\n').filter(Boolean).map(Number);
  return [...pids, ...(await Promise.all(below.map(processesIn))).flat()];
}

/** Removes a cgroup and what is below it; returns whether it is gone, which it is not while a process is in it. */
export async function removeCgroup(path: string): Promise<boolean> {
  const results = await Promise.all((await foldersOf(path)).map(removeFolder));
  return results.every(Boolean);
}

async function removeFolder(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    // Where the unified hierarchy is out of sight, runc leaves ordinary files in its place.
    if (code === 'ENOTEMPTY' && folder.startsWith(`${unifiedRoot}/`) && !isCgroup2(unifiedRoot)) {
      await rm(folder, { recursive: true, force: true });
      return true;
    }
  }
  // A cgroup of version 2 with children says EBUSY, one of version 1 ENOTEMPTY or EBUSY.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const children = entries.filter((entry) => entry.isDirectory());
  if (children.length === 0) return false;
  await Promise.all(children.map((child) => removeFolder(join(folder, child.name))));
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}

/** Removes the engine's branch as far as it is empty: for an engine that stops. */
export async function removeEngineCgroups(engineId: string): Promise<void> {
  for (const folder of await foldersOf(engineCgroup(engineId))) {
    for (const path of [folder, dirname(folder)]) await rmdir(path).catch(() => undefined);
  }
}

/** What the kernel's cgroups can limit, in the words of GET /info. */
export interface CgroupSupport {
  MemoryLimit: boolean;
  SwapLimit: boolean;
  OomKillDisable: boolean;
  CpuCfsPeriod: boolean;
  CpuCfsQuota: boolean;
  CPUShares: boolean;
  CPUSet: boolean;
  PidsLimit: boolean;
  /** dockerd's words for what is missing. */
  Warnings: string[];
}

/** Finds out what can be limited on this host. */
export async function cgroupSupport(): Promise<CgroupSupport> {
  const support = cgroupVersion() === 2 ? await supportOfVersion2() : supportOfVersion1();
  const words: [boolean, string][] = [
    [support.MemoryLimit, 'memory limit'],
    [support.SwapLimit, 'swap limit'],
    [support.OomKillDisable || cgroupVersion() === 2, 'oom kill disable'],
    [support.CpuCfsQuota, 'cpu cfs quota'],
    [support.CpuCfsPeriod, 'cpu cfs period'],
    [support.CPUShares, 'cpu shares'],
    [support.CPUSet, 'cpuset'],
    [support.PidsLimit, 'pids limit'],
  ];
  const Warnings = words.filter(([has]) => !has).map(([, name]) => `WARNING: No ${name} support`);
  return { ...support, Warnings };
}

function supportOfVersion1(): Omit<CgroupSupport, 'Warnings'> {
  const has = (controller: string, file: string) => existsSync(join(cgroupRoot, controller, file));
  return {
    MemoryLimit: has('memory', 'memory.limit_in_bytes'),
    SwapLimit: has('memory', 'memory.memsw.limit_in_bytes'),
    OomKillDisable: has('memory', 'memory.oom_control'),
    CpuCfsPeriod: has('cpu', 'cpu.cfs_period_us'),
    CpuCfsQuota: has('cpu', 'cpu.cfs_quota_us'),
    CPUShares: has('cpu', 'cpu.shares'),
    CPUSet: has('cpuset', 'cpuset.cpus'),
    PidsLimit: has('pids', 'cgroup.procs'),
  };
}

/** What else can be limited, which GET /info does not tell. */
export function finerSupport(): { blkioWeight: boolean; blkioWeightDevice: boolean; realtime: boolean } {
  if (cgroupVersion() === 2) {
    const hasIo = readFileSync(join(cgroupRoot, 'cgroup.controllers'), 'utf8')
      .trim()
      .split(' ')
      .includes('io');
    return { blkioWeight: hasIo, blkioWeightDevice: hasIo, realtime: false };
  }
  const has = (controller: string, file: string) => existsSync(join(cgroupRoot, controller, file));
  return {
    blkioWeight: has('blkio', 'blkio.weight'),
    blkioWeightDevice: has('blkio', 'blkio.weight_device'),
    realtime: has('cpu', 'cpu.rt_runtime_us'),
  };
}

async function supportOfVersion2(): Promise<Omit<CgroupSupport, 'Warnings'>> {
  const text = await readFile(join(cgroupRoot, 'cgroup.controllers'), 'utf8').catch(() => '');
  const controllers = text.trim().split(' ');
  const cpu = controllers.includes('cpu');
  // The root of the hierarchy has no limits of its own: any group below it shows whether swap has one.
  const groups = await readdir(cgroupRoot, { withFileTypes: true }).catch(() => []);
  const swap = groups.some(
    (group) => group.isDirectory() && existsSync(join(cgroupRoot, group.name, 'memory.swap.max')),
  );
  return {
    MemoryLimit: controllers.includes('memory'),
    SwapLimit: swap,
    OomKillDisable: false,
    CpuCfsPeriod: cpu,
    CpuCfsQuota: cpu,
    CPUShares: cpu,
    CPUSet: controllers.includes('cpuset'),
    PidsLimit: controllers.includes('pids'),
  };
}
