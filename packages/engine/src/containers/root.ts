import { EngineError } from '../errors.ts';
import type { SpecMount } from '../runtime/input.ts';
import type { ContainerRecord } from '../state/containers.ts';
import { makeDirectoryInside, makeFileInside, readFileInside, resolveInside } from '../storage/confined.ts';
import type { SourcedMount } from './sources.ts';

const largestAccounts = 4 * 1024 * 1024;

/** The user and group database of a container's root; empty where there is none. */
export function readAccounts(root: string): { passwd: string; group: string } {
  const read = (path: string) => readFileInside(root, path, largestAccounts)?.toString() ?? '';
  return { passwd: read('/etc/passwd'), group: read('/etc/group') };
}

/** Where the kernel's own file systems are put: no image may lead them elsewhere. */
const kernelFolders = ['/proc', '/sys', '/dev'];
const isBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

/** Makes a mounted root ready: its working directory, and the places that mounts go to, free of links. */
export function prepareRoot(root: string, record: ContainerRecord, mounts: SourcedMount[]): SpecMount[] {
  for (const folder of kernelFolders) {
    const { path, stats } = resolveInside(root, folder);
    if (path !== folder || (stats && !stats.isDirectory())) {
      throw new EngineError('badParameter', `${folder} of the image is not a directory`);
    }
  }
  const { WorkingDir } = record.config;
  const isOwn = !kernelFolders.some((folder) => isBelow(WorkingDir, folder));
  if (WorkingDir !== '' && WorkingDir !== '/' && isOwn) makeDirectoryInside(root, WorkingDir);
  const outermostFirst = [...mounts].sort((a, b) => a.destination.length - b.destination.length);
  const placed: string[] = [];
  return outermostFirst.map((mount) => {
    // What is inside another mount is not in this root; there, the runtime looks after links.
    const isInner = [...placed, ...kernelFolders].some((outer) => isBelow(mount.destination, outer));
    placed.push(mount.destination);
    return isInner ? mount : { ...mount, destination: makePlace(root, mount) };
  });
}

function makePlace(root: string, { destination, isFile }: SourcedMount): string {
  const found = isFile ? makeFileInside(root, destination) : makeDirectoryInside(root, destination);
  if (found === '/' || kernelFolders.some((folder) => isBelow(found, folder))) {
    throw new EngineError('badParameter', `the image leads the mount point ${destination} to ${found}`);
  }
  return found;
}
