import { constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { fileSystemOf } from '../system/host.ts';
import { type Finding, limited, missing, ok, unknown } from './finding.ts';
import type { Machine } from './machine.ts';

const gigabyte = 1e9;
/** Below the first no image fits, below the second few do. */
const leastRoom = 0.1 * gigabyte;
const goodRoom = 2 * gigabyte;
const fewInodes = 10_000;

/** The innermost folder of a path that exists: where the rest of it would be made. */
function existing(path: string, machine: Machine): string {
  return machine.exists(path) || path === dirname(path) ? path : existing(dirname(path), machine);
}

/** How much room there is for images and containers. */
export function room(machine: Machine, dataRoot: string): Finding {
  const folder = existing(dataRoot, machine);
  const free = machine.room(folder);
  if (!free) return unknown(`${folder} cannot be looked at`);
  const detail = `${(free.bytes / gigabyte).toFixed(1)} GB free for ${dataRoot} (${fileSystemOf(folder)})`;
  const remedy = 'make room there (davit system prune), or name another place with data-root';
  if (free.bytes < leastRoom) return missing(detail, remedy);
  if (free.hasInodes && free.inodes < fewInodes) {
    return limited(`${detail}, but only ${free.inodes} files more`, remedy);
  }
  return free.bytes < goodRoom ? limited(detail, remedy) : ok(detail);
}

/** Whether overlayfs works where the layers lie; root mounts one that nobody else sees. */
export async function overlay(machine: Machine, dataRoot: string): Promise<Finding> {
  const isKnown = /\boverlay$/m.test(machine.read('/proc/filesystems'));
  const folder = existing(dataRoot, machine);
  const kind = fileSystemOf(folder);
  if (!machine.root) {
    return isKnown
      ? ok('the kernel has it')
      : unknown('it may be a module that is not loaded: only root can try');
  }
  let base: string;
  try {
    base = mkdtempSync(join(folder, '.davit-check-'));
  } catch (error) {
    return missing(`${folder} cannot be written: ${messageOf(error)}`, 'name another place with data-root');
  }
  try {
    const place = (name: string) => join(base, name).replaceAll(/[\\:,]/g, '\\$&');
    for (const name of ['lower', 'upper', 'work', 'target']) mkdirSync(join(base, name));
    const options = `lowerdir=${place('lower')},upperdir=${place('upper')},workdir=${place('work')}`;
    const mount = ['mount', '-i', '-t', 'overlay', '-o', options, 'overlay', join(base, 'target')];
    const { ok: works, output } = await machine.attempt('unshare', ['--mount', ...mount]);
    if (works) return ok(`works on ${kind}`);
    return isKnown
      ? missing(`${kind} cannot carry it: ${output}`, 'put the data root on ext4 or xfs: data-root')
      : missing('the kernel has no overlayfs', 'modprobe overlay');
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** Whether sockets and process files have a place. */
export function runFolder(machine: Machine, execRoot: string): Finding {
  const folder = existing(execRoot, machine);
  if (!machine.root) return ok(execRoot);
  return machine.may(folder, constants.W_OK)
    ? ok(`${execRoot} (${fileSystemOf(folder)})`)
    : missing(`${folder} cannot be written`, 'name another place with exec-root');
}
