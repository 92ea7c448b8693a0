import { mkdir } from 'node:fs/promises';
import { mount, mountFlags, unmount } from '../kernel/mount.ts';

/**
 * Makes the /dev/shm of a container that shares it: a memory file system in `folder`, on the engine's side of
 * the mount namespaces, because none can be bound from one container into another.
 */
export async function mountSharedMemory(folder: string, size: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await unmountSharedMemory(folder);
  const { noSuid, noDevices, noPrograms } = mountFlags;
  mount('shm', folder, 'tmpfs', noSuid | noDevices | noPrograms, `mode=1777,size=${size}`);
}

/** Takes it away, if it is there. */
export async function unmountSharedMemory(folder: string): Promise<void> {
  await unmount(folder);
}
