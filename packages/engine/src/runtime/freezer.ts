import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cgroupRoot, cgroupVersion } from './cgroup.ts';

/** How long processes may take to stand still, in milliseconds; one that waits for a disk takes its time. */
const patience = 10_000;

/**
 * Lets all processes of a cgroup stand still, or go on, and waits until they do: the freezer of version 1
 * (FROZEN, THAWED) and cgroup.freeze of version 2. Throws when they do not; they go on then.
 */
export async function setFrozen(cgroup: string, frozen: boolean): Promise<void> {
  const { file, values } = freezerOf(cgroup);
  const deadline = Date.now() + patience;
  for (let wait = 1; ; wait = Math.min(wait * 2, 100)) {
    // Written again each time: version 1 may miss a process that was just born.
    try {
      await writeFile(file, frozen ? values.frozen : values.thawed);
    } catch (error) {
      // What has ended need not go on.
      if (!frozen && (error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    if ((await isFrozen(cgroup)) === frozen) return;
    if (Date.now() > deadline) {
      if (frozen) await writeFile(file, values.thawed);
      throw new Error(`the processes in ${file} do not ${frozen ? 'stand still' : 'go on'}`);
    }
    await pause(wait);
  }
}

/** Whether all processes of a cgroup stand still; not those of one that is gone. */
export async function isFrozen(cgroup: string): Promise<boolean> {
  const { state, frozenState } = freezerOf(cgroup);
  return frozenState.test(await readFile(state, 'utf8').catch(() => ''));
}

function freezerOf(cgroup: string) {
  if (cgroupVersion() === 2) {
    const folder = join(cgroupRoot, cgroup);
    return {
      file: join(folder, 'cgroup.freeze'),
      values: { frozen: '1', thawed: '0' },
      state: join(folder, 'cgroup.events'),
      frozenState: /^frozen 1$/m,
    };
  }
  const file = join(cgroupRoot, 'freezer', cgroup, 'freezer.state');
  return { file, values: { frozen: 'FROZEN', thawed: 'THAWED' }, state: file, frozenState: /^FROZEN$/m };
}
