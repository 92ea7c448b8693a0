import { existsSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { run } from '../process.ts';
import { isMounted } from './overlay.ts';

/**
 * Makes the /dev/shm of a container that shares it: a memory file system in `folder`, on the engine's side of
 * the mount namespaces, because none can be bound from one container into another.
 */
export async function mountSharedMemory(folder: string, size: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await unmountSharedMemory(folder);
  await run('mount', [
    '-i',
    '-t',
    'tmpfs',
    '-o',
    `nosuid,nodev,noexec,mode=1777,size=${size}`,
    'shm',
    folder,
  ]);
}

/** Takes it away, if it is there. */
export async function unmountSharedMemory(folder: string): Promise<void> {
  if (!existsSync(folder) || !(await isMounted(realpathSync(folder)))) return;
  await run('umount', ['--lazy', '--no-canonicalize', folder]);
}
