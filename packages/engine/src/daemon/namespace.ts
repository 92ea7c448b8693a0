import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { findProgram } from '../runtime/find.ts';

/** Set in the environment of an engine that has a mount namespace of its own. */
export const namespaceMark = 'DAVITD_MOUNT_NAMESPACE';

/**
 * The command that brings the engine into its own mount namespace; null when it is there. What it mounts stays
 * invisible to the host, and it sees what the host mounts. Containers that outlived an engine keep that engine's
 * namespace alive: the next one joins it, or it would not find their roots and networks.
 */
export function namespaceCommand(execRoot: string, env: NodeJS.ProcessEnv): string[] | null {
  const monitor = findMonitor(execRoot);
  if (monitor !== null) {
    if (namespaceOf('self') === namespaceOf(monitor)) return null;
    return [program('nsenter'), `--mount=/proc/${monitor}/ns/mnt`, '--'];
  }
  if (env[namespaceMark] === 'private') return null;
  return [program('unshare'), '--mount', '--propagation', 'slave', '--'];
}

function program(name: string): string {
  const path = findProgram(name);
  if (path) return path;
  throw new EngineError(
    'unavailable',
    `the program ${name} is not installed; this installs it: apt-get install util-linux`,
  );
}

function namespaceOf(process: number | 'self'): string {
  return readlinkSync(`/proc/${process}/ns/mnt`);
}

/** A monitor (conmon) that watches a container of the engine with this exec root, or null. */
export function findMonitor(execRoot: string): number | null {
  const bundles = join(execRoot, 'bundles');
  for (const id of list(bundles)) {
    const pid = Number(read(join(bundles, id, 'conmon.pid')).trim());
    if (pid > 0 && isMonitor(pid, join(bundles, id))) return pid;
  }
  return null;
}

/** Numbers of processes are used again: the one meant is a conmon that was told this very bundle. */
function isMonitor(pid: number, bundle: string): boolean {
  const args = read(`/proc/${pid}/cmdline`).split('\0');
  return read(`/proc/${pid}/comm`).trim() === 'conmon' && args.includes(bundle);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
