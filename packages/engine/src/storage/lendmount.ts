import { readFileSync, realpathSync } from 'node:fs';
import { copyMount, type MountEntry, mountOf } from '../kernel/mount.ts';

/** What this program prints: a copy of a mount, or why there is none. */
export type Lent = { mount: MountEntry; descriptor: number } | { error: string };

/*
 * A program of its own, which runs in the host's mount namespace: only from there can a mount be copied that goes on
 * sharing with it. It prints one line of JSON about the path of its first argument, and holds the copy until its
 * input ends.
 */
const [path = '/', recursion = ''] = process.argv.slice(2);

function lend(): Lent {
  try {
    const mount = mountOf(realpathSync(path), readFileSync('/proc/self/mountinfo', 'utf8'));
    return { mount, descriptor: mount.isShared ? copyMount(path, recursion === 'recursive') : -1 };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

process.stdout.write(`${JSON.stringify(lend())}\n`);
process.stdin.resume();
