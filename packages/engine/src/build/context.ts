import { mkdir } from 'node:fs/promises';
import { posix } from 'node:path';
import { createIgnoreRules, type IgnoreRules, readIgnoreFile } from '@davit/api';
import { EngineError } from '../errors.ts';
import { readFileInside, removeInside } from '../storage/confined.ts';
import { extract } from '../storage/extract.ts';
import { roomBelow } from '../storage/room.ts';
import { readableName } from '../storage/tar.ts';
import type { TarEntry } from '../storage/tarscan.ts';

const largestDockerfile = 16 * 1024 * 1024;
const largestIgnoreFile = 1024 * 1024;
/** More names than this are no build context. */
const mostEntries = 2_000_000;

/**
 * Unpacks a build context, which is not to be trusted, into a folder of its own. Everything in it belongs to root
 * from then on. Throws `badParameter` for what has no place in a context, and when it does not fit on the disk.
 */
export async function receiveContext(archive: AsyncIterable<Buffer>, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const check = createEntryCheck((await roomBelow(directory)).bytes);
  await extract({ root: directory, mounts: [] }, '/', archive, {
    ...{ keepKinds: false, readOnly: false, check },
    owner: { uid: 0, gid: 0 },
  });
}

/** Looks at the entries of a context before they are made. */
export function createEntryCheck(room: number): (entry: TarEntry) => void {
  let bytes = 0;
  let entries = 0;
  return ({ type, name, size }) => {
    const shown = JSON.stringify(readableName(name));
    if (type === '3' || type === '4')
      throw new EngineError('badParameter', `the build context holds a device, ${shown}: leave it out`);
    bytes += type === '0' ? size : 0;
    entries += 1;
    if (bytes > room)
      throw new EngineError(
        'badParameter',
        `the build context is too large: with ${shown} it has ${bytes} bytes, and there is room for ${room}`,
      );
    if (entries > mostEntries)
      throw new EngineError('badParameter', `the build context has more than ${mostEntries} files`);
  };
}

/** Reads the Dockerfile of a context. Throws in docker's words when there is none. */
export function readDockerfile(root: string, path: string): Buffer {
  const wanted = path === '' ? 'Dockerfile' : path;
  const clean = posix.normalize(wanted);
  if (clean === '..' || clean.startsWith('../'))
    throw new EngineError('badParameter', `Forbidden path outside the build context: ${wanted} ()`);
  const found =
    readFileInside(root, clean, largestDockerfile) ??
    (path === '' || path === 'Dockerfile' ? readFileInside(root, 'dockerfile', largestDockerfile) : null);
  if (!found) throw new EngineError('badParameter', `Cannot locate specified Dockerfile: ${wanted}`);
  return found;
}

/** Removes from a context that was sent what its .dockerignore leaves out of the two files that a build reads itself. */
export async function removeOwnFiles(root: string, dockerfile: string): Promise<void> {
  const rules = readIgnoreRules(root);
  const own = ['.dockerignore', posix.normalize(dockerfile === '' ? 'Dockerfile' : dockerfile)];
  for (const path of own) if (rules?.ignores(path)) removeInside(root, path);
}

/** What a context's own .dockerignore leaves out; null when it has none. */
export function readIgnoreRules(root: string): IgnoreRules | null {
  const text = readFileInside(root, '.dockerignore', largestIgnoreFile);
  return text ? createIgnoreRules(readIgnoreFile(text.toString())) : null;
}
