import { posix } from 'node:path';
import { createIgnoreRules, type IgnoreRules, readIgnoreFile } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { BuildContext } from './contextspool.ts';

const largestDockerfile = 16 * 1024 * 1024;
const largestIgnoreFile = 1024 * 1024;

/** Reads the Dockerfile of a context. Throws in docker's words when there is none. */
export async function readDockerfile(context: BuildContext, path: string): Promise<Buffer> {
  const wanted = path === '' ? 'Dockerfile' : path;
  const clean = posix.normalize(wanted);
  if (clean === '..' || clean.startsWith('../'))
    throw new EngineError('badParameter', `Forbidden path outside the build context: ${wanted} ()`);
  const found =
    (await context.read(clean, largestDockerfile)) ??
    (path === '' || path === 'Dockerfile' ? await context.read('dockerfile', largestDockerfile) : null);
  if (!found) throw new EngineError('badParameter', `Cannot locate specified Dockerfile: ${wanted}`);
  return found;
}

/** Removes from a context that was sent what its .dockerignore leaves out of the two files that a build reads itself. */
export async function removeOwnFiles(context: BuildContext, dockerfile: string): Promise<void> {
  const rules = await readIgnoreRules(context);
  const own = ['.dockerignore', posix.normalize(dockerfile === '' ? 'Dockerfile' : dockerfile)];
  for (const path of own) if (rules?.ignores(path)) await context.remove(path);
}

/** What a context's own .dockerignore leaves out; null when it has none. */
export async function readIgnoreRules(context: BuildContext): Promise<IgnoreRules | null> {
  const text = await context.read('.dockerignore', largestIgnoreFile);
  return text ? createIgnoreRules(readIgnoreFile(text.toString())) : null;
}
