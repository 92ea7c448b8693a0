import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { compressionOf, peek } from '../storage/compression.ts';
import { resolveInside } from '../storage/confined.ts';
import { cloneRepository, splitRepository } from '../storage/git.ts';
import { type BuildContext, folderContext, receiveContext } from './contextspool.ts';
import { isGit, requestFile } from './download.ts';

const largestDockerfile = 1024 * 1024;

/**
 * Fetches a context from where a URL leads: a git repository (`URL#REF:FOLDER`), an archive, or a Dockerfile alone.
 * It is kept below a folder that is gone with the build. Throws `badParameter`.
 */
export async function fetchContext(
  url: string,
  folder: string,
  room: number,
  signal: AbortSignal,
): Promise<BuildContext> {
  if (isGit(url)) return cloneContext(url, folder, signal);
  if (!/^https?:\/\//.test(url))
    throw new EngineError('badParameter', `cannot fetch a context from ${url}: only http, https and git`);
  const { whole, start } = await peek(bodyOf(await requestFile(url, signal)), 512);
  const isTar = start.length >= 262 && start.toString('latin1', 257, 262) === 'ustar';
  if (isTar || compressionOf(start) !== 'none') return receiveContext(whole, folder, room);
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of whole) {
    size += piece.length;
    if (size > largestDockerfile)
      throw new EngineError('badParameter', `${url} is no archive, and too large for a Dockerfile`);
    pieces.push(piece);
  }
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(join(folder, 'Dockerfile'), Buffer.concat(pieces), { mode: 0o644 });
  return folderContext(folder);
}

async function* bodyOf({ body }: Response): AsyncGenerator<Buffer> {
  const source = (body ?? []) as unknown as AsyncIterable<Uint8Array>;
  for await (const { buffer, byteOffset, length } of source) yield Buffer.from(buffer, byteOffset, length);
}

async function cloneContext(url: string, folder: string, signal: AbortSignal): Promise<BuildContext> {
  const inner = splitRepository(url).folder;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await cloneRepository(url, folder, { keepGit: false, signal });
  const { path, stats } = resolveInside(folder, inner);
  if (!stats?.isDirectory())
    throw new EngineError('badParameter', `there is no folder ${inner} in the repository ${url}`);
  return folderContext(join(folder, path));
}
