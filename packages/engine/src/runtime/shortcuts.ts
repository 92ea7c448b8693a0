import { existsSync } from 'node:fs';
import { constants, open, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { removeCgroup } from './cgroup.ts';

/*
 * What an OCI runtime does to start or delete a container is a few system calls, but to spawn it takes ten
 * milliseconds or more, in which the engine's only thread stands still for a part. Where its state looks as
 * expected, the engine makes those calls by itself; where not, it says so by `false` and the runtime is asked.
 */

/** Lets a container of crun begin: its first process waits for one byte on a FIFO, which then goes away. */
export async function startCreated(state: string): Promise<boolean> {
  const path = join(state, 'exec.fifo');
  const isFifo = await stat(path).then(
    (info) => info.isFIFO(),
    () => false,
  );
  if (!isFifo) return false;
  // Without a process that waits, this fails at once.
  const fifo = await open(path, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => null);
  if (!fifo) return false;
  try {
    await unlink(path);
    await fifo.write(Buffer.alloc(1));
    return true;
  } finally {
    await fifo.close();
  }
}

/** Takes away what is left of a container whose first process has ended: nothing but folders. */
export async function deleteEnded(state: string, cgroup: string): Promise<boolean> {
  if (!existsSync(state)) return true;
  // Fails as long as there are processes, as of a container that shares the host's PID namespace.
  if (!(await removeCgroup(cgroup))) return false;
  await rm(state, { recursive: true, force: true });
  return true;
}
