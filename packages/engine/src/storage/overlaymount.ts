import { join } from 'node:path';
import { mount, mountFlags } from '../kernel/mount.ts';
import { run } from '../process.ts';

/** An overlay of directories, whose names are relative to `base`. */
export interface Overlay {
  base: string;
  /** The topmost first. */
  lower: readonly string[];
  /** Where what is written goes; read-only when left out. */
  upper?: { directory: string; work: string };
  /** Further options of the file system. */
  options?: readonly string[];
}

/** mount(2) takes one page of options, with the NUL at its end. */
const mostOptions = 4095;

/** Whether all the directories fit into the options of one mount. */
export function fits(overlay: Overlay): boolean {
  return optionsOf(overlay, (name) => name).length <= mostOptions;
}

/** Mounts an overlay on `target`. Throws SystemCallFailed or ProgramFailed. */
export async function mountOverlay(overlay: Overlay, target: string): Promise<void> {
  const { base } = overlay;
  const absolute = optionsOf(overlay, (name) => join(base, name));
  // Characters that mean something in the options.
  if (absolute.length <= mostOptions && !/[:,\\]/.test(base)) {
    mount('overlay', target, 'overlay', overlay.upper ? 0 : mountFlags.readOnly, absolute);
    return;
  }
  // Names that are relative are shorter, but need a process that is there: the engine's own directory is for all
  // its threads. Newer versions of mount use a system call that takes 256 bytes of options, unless told not to.
  const env = { PATH: process.env.PATH, LIBMOUNT_FORCE_MOUNT2: 'always' };
  const options = `${overlay.upper ? 'rw' : 'ro'},${optionsOf(overlay, (name) => name)}`;
  await run('mount', ['-i', '-t', 'overlay', '-o', options, 'overlay', target], { cwd: base, env });
}

function optionsOf({ lower, upper, options = [] }: Overlay, place: (name: string) => string): string {
  const directories = [`lowerdir=${lower.map(place).join(':')}`];
  if (upper) directories.push(`upperdir=${place(upper.directory)}`, `workdir=${place(upper.work)}`);
  return [...directories, ...options].join(',');
}
