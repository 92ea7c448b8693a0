import { closeSync, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { findProgram } from '../runtime/find.ts';

/** Set in the environment of an engine that has a mount namespace of its own. */
export const namespaceMark = 'DAVITD_MOUNT_NAMESPACE';

/** Where the descriptor of a namespace is told that was kept open on the way into it. */
export const namespaceDescriptor = 'DAVITD_NAMESPACE_FD';

/** Keeps the mount namespace that this process is in within reach, from another one. */
export function holdHost(): number {
  return openSync('/proc/self/ns/mnt', 'r');
}

/** How the engine gets into its own mount namespace. */
export interface Move {
  command: string[];
  /** Descriptor that the command needs; null for none. */
  held: number | null;
}

/**
 * The way of the engine into its own mount namespace; null when it is there. What it mounts stays invisible to the
 * host, and it sees what the host mounts. Containers that outlived an engine keep that engine's namespace alive:
 * the next one joins it, or it would not find their roots and networks.
 */
export function moveToNamespace(execRoot: string, env: NodeJS.ProcessEnv): Move | null {
  const held = holdNamespace(execRoot);
  if (held !== null) {
    if (fstatSync(held).ino === statSync('/proc/self/ns/mnt').ino) {
      closeSync(held);
      return null;
    }
    return { command: [program('nsenter'), `--mount=/proc/self/fd/${held}`, '--'], held };
  }
  if (env[namespaceMark] === 'private') return null;
  return { command: [program('unshare'), '--mount', '--propagation', 'slave', '--'], held: null };
}

/** Opens the namespace of the engine before this one: containers, and their monitors with them, end at any moment. */
function holdNamespace(execRoot: string): number | null {
  for (let monitor = findMonitor(execRoot); monitor !== null; monitor = findMonitor(execRoot)) {
    try {
      const held = openSync(`/proc/${monitor.pid}/ns/mnt`, 'r');
      if (monitor.isThere()) return held;
      closeSync(held);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return null;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code));
}

function program(name: string): string {
  const path = findProgram(name);
  if (path) return path;
  throw new EngineError(
    'unavailable',
    `the program ${name} is not installed; this installs it: apt-get install util-linux`,
  );
}

/** A monitor (conmon) that watches a container of the engine with this exec root, or null. */
export function findMonitor(execRoot: string): { pid: number; isThere(): boolean } | null {
  const bundles = join(execRoot, 'bundles');
  for (const id of list(bundles)) {
    const bundle = join(bundles, id);
    const pid = Number(read(join(bundle, 'conmon.pid')).trim());
    const isThere = () => isMonitor(pid, bundle);
    if (pid > 0 && isThere()) return { pid, isThere };
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
