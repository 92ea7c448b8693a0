import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, utimes } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError, messageOf } from '../errors.ts';
import { cloneRepository, splitRepository } from '../storage/git.ts';
import { roomBelow } from '../storage/room.ts';

export interface Download {
  url: string;
  /** `sha256:…` that it must have; empty for any. */
  checksum: string;
  /** Whether a repository keeps its `.git`. */
  keepGit: boolean;
  /** An empty folder that it is put into. */
  directory: string;
}

export const isGit = (text: string): boolean =>
  /^(?:git:\/\/|ssh:\/\/|git@[\w.-]+:)/.test(text) || /^https?:\/\/[^#]+\.git(?:#.*)?$/.test(text);

export const isRemote = (text: string): boolean => /^(?:https?|ftp):\/\//.test(text) || isGit(text);

/**
 * Fetches a file, or a git repository, which becomes the folder itself; returns where in the folder that is which was
 * asked for. Throws `badParameter`.
 */
export async function download(
  request: Download,
  signal: AbortSignal,
): Promise<{ path: string; isDirectory: boolean }> {
  const { url, directory } = request;
  if (isGit(url)) {
    if (request.checksum !== '')
      throw new EngineError(
        'badParameter',
        'a checksum cannot be given for a git repository: name the commit',
      );
    await cloneRepository(url, directory, { keepGit: request.keepGit, signal });
    return { path: splitRepository(url).folder, isDirectory: true };
  }
  if (!/^https?:/.test(url))
    throw new EngineError('badParameter', `ADD cannot download ${url}: only http and https`);
  const name = nameOf(url);
  try {
    const answer = await requestFile(url, signal);
    const path = join(directory, name);
    const digest = await store(answer, path, (await roomBelow(directory)).bytes);
    if (request.checksum !== '' && request.checksum !== `sha256:${digest}`)
      throw new EngineError('badParameter', `digest mismatch sha256:${digest}: ${request.checksum}`);
    await chmod(path, 0o600);
    const time = new Date(answer.headers.get('last-modified') ?? 0);
    await utimes(path, time, time);
    return { path: name, isDirectory: false };
  } catch (error) {
    if (error instanceof EngineError || signal.aborted) throw error;
    throw downloadFailed(url, error);
  }
}

/** Asks for a file on the web; the answer is one of success. Throws `badParameter`. */
export async function requestFile(url: string, signal: AbortSignal): Promise<Response> {
  const answer = await fetch(url, { signal, headers: { 'accept-encoding': 'identity' } }).catch((error) => {
    throw signal.aborted ? error : downloadFailed(url, error);
  });
  if (answer.ok) return answer;
  throw new EngineError(
    'badParameter',
    `failed to GET ${url} with status ${answer.status} ${answer.statusText}: `,
  );
}

const downloadFailed = (url: string, error: unknown) =>
  new EngineError('badParameter', `cannot download ${url}: ${causeOf(error)}`, { cause: error });

/** What fetch says went wrong is in the cause of its error. */
const causeOf = (error: unknown): string =>
  messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);

function nameOf(url: string): string {
  const name = posix.basename(decodeURIComponent(new URL(url).pathname));
  if (name === '' || name === '/' || name.includes('\0') || name.includes('/'))
    throw new EngineError('badParameter', `cannot determine filename from url: ${url}`);
  return name;
}

async function store({ body }: Response, path: string, room: number): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  async function* checked(source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > room)
        throw new EngineError('badParameter', `the download is larger than the room there is for it`);
      hash.update(chunk);
      yield chunk;
    }
  }
  const source = body ? checked(body as unknown as AsyncIterable<Uint8Array>) : [];
  await pipeline(Readable.from(source), createWriteStream(path));
  return hash.digest('hex');
}
