import { existsSync, lstatSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { createIgnoreRules, readIgnoreFile } from '@davit/api';
import { pack } from 'tar-stream';
import { CommandError } from '../../../exit.ts';
import { systemReason } from '../../archive.ts';
import { archiveOf } from './archive.ts';
import type { ContextFolder } from './known.ts';

/** What a build is sent: its context, and the path of the Dockerfile in that. */
export interface PackedContext {
  /** Null when the engine fetches it. */
  archive: Readable | null;
  /** The folder that it is packed of, of which an engine may have parts already. */
  folder?: ContextFolder;
  /** URL that the engine fetches it from; empty when it is sent. */
  remote: string;
  dockerfile: string;
}

/** A Dockerfile that is not in the context goes along under this name. */
const sentAlong = '.davit.dockerfile';

/**
 * Packs a folder as a build context, without what its .dockerignore leaves out. `dockerfile` is a path, empty for
 * the one in the folder; `given` is the content of one that comes from elsewhere.
 */
export async function packContext(
  folder: string,
  dockerfile: string,
  given: Buffer | null,
): Promise<PackedContext> {
  const { root, path, inside, content } = await locate(folder, dockerfile, given);
  const rules = createIgnoreRules(await patternsOf(root, given === null ? path : ''));
  const kept = content === null ? [inside, '.dockerignore'] : ['.dockerignore'];
  const leavesOut = (own: string, isDirectory: boolean): boolean => {
    if (kept.includes(own) || !rules.ignores(own)) return false;
    const isOnTheWay = kept.some((one) => one.startsWith(`${own}/`)) || !rules.prunes(own);
    return !(isOnTheWay && isDirectory);
  };
  const extra = content === null ? null : { name: sentAlong, content };
  return {
    remote: '',
    folder: { root, leavesOut, extra },
    archive: Readable.from(archiveOf(root, { leavesOut, extra }), { objectMode: false }),
    dockerfile: content === null ? inside : sentAlong,
  };
}

/** Packs of a build context what a look at its Dockerfile needs: that, and what .dockerignore leaves out. */
export async function packForCheck(
  folder: string,
  dockerfile: string,
  given: Buffer | null,
): Promise<PackedContext> {
  const { root, path, inside, content } = await locate(folder, dockerfile, given);
  const patterns = await patternsOf(root, given === null ? path : '');
  const name = content === null ? inside : 'Dockerfile';
  const archive = pack();
  archive.entry({ name: '.dockerignore' }, patterns.join('\n'));
  archive.entry({ name }, content ?? (await readDockerfile(path)));
  archive.finalize();
  return { remote: '', archive: Readable.from(archive, { objectMode: false }), dockerfile: name };
}

interface Located {
  root: string;
  /** Where the Dockerfile is, and its path in the context, which leads out of it when it is elsewhere. */
  path: string;
  inside: string;
  /** What is in a Dockerfile that is not in the context; null for one that is. */
  content: Buffer | null;
}

async function locate(folder: string, dockerfile: string, given: Buffer | null): Promise<Located> {
  const root = resolve(folder);
  if (folder === '' || !existsSync(root))
    throw new CommandError(`unable to prepare context: path ${JSON.stringify(folder)} not found`);
  if (!statSync(root).isDirectory())
    throw new CommandError(`unable to prepare context: context must be a directory: ${root}`);
  const path = dockerfile === '' ? join(root, 'Dockerfile') : resolve(dockerfile);
  const inside = relative(root, path).replaceAll(sep, '/');
  const isInside = given === null && inside !== '..' && !inside.startsWith('../');
  if (given === null) checkDockerfile(path);
  const content = isInside ? null : (given ?? (await readDockerfile(dockerfile)));
  return { root, path, inside, content };
}

/** Throws CommandError with docker's words when there is no Dockerfile. */
function checkDockerfile(path: string): void {
  try {
    lstatSync(path);
  } catch (error) {
    const what = 'unable to prepare context: unable to evaluate symlinks in Dockerfile path';
    throw new CommandError(`${what}: lstat ${path}: ${systemReason(error)}`, 1, { cause: error });
  }
}

async function readDockerfile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(`unable to prepare context: unable to read Dockerfile ${path}`, 1, {
      cause: error,
    });
  }
}

/** The ignore file beside a Dockerfile that is named after it goes before that of the context. */
export async function patternsOf(root: string, dockerfile: string): Promise<string[]> {
  const candidates = [
    ...(dockerfile === '' ? [] : [`${dockerfile}.dockerignore`]),
    join(root, '.dockerignore'),
  ];
  const path = candidates.find((one) => existsSync(one));
  return path === undefined ? [] : readIgnoreFile(await readFile(path, 'utf8'));
}
