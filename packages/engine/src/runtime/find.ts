import { accessSync, constants } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { EngineConfig, RuntimeConfig } from '../config.ts';
import { EngineError, messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { run } from '../process.ts';
import { cgroupRoot, cgroupVersion, isCgroup2, unifiedRoot } from './cgroup.ts';
import { unraisableLimits } from './host.ts';

/** The programs that containers are run with on this machine. */
export interface Programs {
  conmon: string;
  /** Every OCI runtime by name: configured ones and those that were found. */
  runtimes: Record<string, RuntimeConfig>;
  /** Name of the one that is used unless a container asks for another. */
  defaultRuntime: string;
}

/** Finds conmon and an OCI runtime that works with this kernel's cgroups; says how to install what is missing. */
export async function findPrograms(
  config: Pick<EngineConfig, 'runtimes' | 'defaultRuntime'>,
): Promise<Programs> {
  const conmon = findProgram('conmon');
  const runtimes: Record<string, RuntimeConfig> = {};
  for (const name of ['crun', 'runc']) {
    const path = findProgram(name);
    if (path) runtimes[name] = { path, args: [] };
  }
  for (const [name, { path, args }] of Object.entries(config.runtimes)) {
    runtimes[name] = { path: findProgram(path) ?? path, args };
  }
  if (!conmon) throw missing('conmon', 'conmon crun');
  // Done even where another one is the default: a container may ask for crun by name.
  const crunWorks = runtimes.crun !== undefined && (await makeRoomForCrun()) && (await mayLockMemory());
  const wanted = config.defaultRuntime;
  if (wanted && !runtimes[wanted]) throw missing(wanted, wanted);
  if (wanted) return { conmon, runtimes, defaultRuntime: wanted };
  if (crunWorks) return { conmon, runtimes, defaultRuntime: 'crun' };
  if (runtimes.runc) return { conmon, runtimes, defaultRuntime: 'runc' };
  throw runtimes.crun ? missing('runc', 'runc') : missing('crun', 'conmon crun');
}

/**
 * Whether crun can guard devices with cgroups of version 2: it lifts its limit of locked memory first, and gives
 * up where it may not. runc does so only on kernels that need it.
 */
export async function mayLockMemory(): Promise<boolean> {
  if (cgroupVersion() === 1) return true;
  return !('RLIMIT_MEMLOCK' in (await unraisableLimits()));
}

function missing(program: string, packages: string): EngineError {
  return new EngineError(
    'unavailable',
    `the program ${program} is not installed; this installs it: apt-get install ${packages}`,
  );
}

/** The path of a program, as a shell would find it. */
export function findProgram(name: string): string | undefined {
  // Where sbin is not in PATH, an engine started by hand would find nothing of what it needs.
  const folders = `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`.split(delimiter);
  const candidates = name.includes('/')
    ? [name]
    : folders.filter(Boolean).map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * crun refuses a host whose cgroups are of version 1 with controllers in the unified hierarchy beside them. In
 * a mount namespace of the engine's own that hierarchy can be taken out of sight. Returns whether crun works.
 */
async function makeRoomForCrun(): Promise<boolean> {
  if (!(await hasHybridControllers())) return true;
  if (!(await inPrivateMountNamespace())) return false;
  try {
    await run('umount', [unifiedRoot]);
    return true;
  } catch (error) {
    log.warn(`crun cannot be used with these cgroups: ${messageOf(error)}`);
    return false;
  }
}

async function hasHybridControllers(): Promise<boolean> {
  if (isCgroup2(cgroupRoot) || !isCgroup2(unifiedRoot)) return false;
  const controllers = await readFile(join(unifiedRoot, 'cgroup.controllers'), 'utf8').catch(() => '');
  return controllers.trim() !== '';
}

async function inPrivateMountNamespace(): Promise<boolean> {
  if (process.env.DAVITD_MOUNT_NAMESPACE === 'private') return true;
  try {
    const [own, first] = await Promise.all([readlink('/proc/self/ns/mnt'), readlink('/proc/1/ns/mnt')]);
    return own !== first;
  } catch {
    return false;
  }
}
