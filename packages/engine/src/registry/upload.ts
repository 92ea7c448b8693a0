import { Readable } from 'node:stream';
import { EngineError } from '../errors.ts';
import { RegistryError } from './failure.ts';
import { type HttpAnswer, Unreachable } from './http.ts';
import type { Session } from './session.ts';

/** A blob that is to be pushed. */
export interface Upload {
  digest: string;
  size: number;
  /** Its content from a byte on; null when it is not here, and can be mounted at most. */
  open: ((start: number) => Promise<Readable>) | null;
  progress?(sent: number): void;
}

/** What became of a blob: it stayed out when it was not here and could not be mounted. */
export type Pushed = { how: 'uploaded' } | { how: 'mounted'; from: string } | { how: 'missing' };

const octets = 'application/octet-stream';
const mostFailures = 5;
/** Blobs up to this size travel in one request; larger ones in two, so that a broken one can go on. */
const monolithic = 1024 * 1024;

export async function hasBlob(session: Session, repository: string, digest: string): Promise<boolean> {
  const path = `${repository}/blobs/${digest}`;
  const answer = await session.request({ method: 'HEAD', path, expected: [404] });
  answer.body.resume();
  return answer.status < 400;
}

/**
 * Brings a blob into a repository: from one of the registry's other repositories where it allows that, else by
 * sending it. The registry checks that what came is what the digest says.
 */
export async function pushBlob(
  session: Session,
  repository: string,
  upload: Upload,
  sources: readonly string[],
): Promise<Pushed> {
  let location: URL | null = null;
  for (const from of sources) {
    location = await mount(session, repository, upload.digest, from);
    if (location === null) return { how: 'mounted', from };
    if (location !== refused) break;
  }
  if (upload.open === null) {
    if (location && location !== refused) await cancel(session, location);
    return { how: 'missing' };
  }
  for (let failures = 0; ; failures++) {
    try {
      location = location && location !== refused ? location : await begin(session, repository);
      if (upload.size <= monolithic) await finish(session, location, upload, true);
      else await finish(session, await sendAll(session, location, upload), upload, false);
      return { how: 'uploaded' };
    } catch (error) {
      if (!(error instanceof Unreachable) || failures >= mostFailures) throw error;
      session.signal?.throwIfAborted();
      location = null;
    }
  }
}

/** Stands for a mount that the registry did not want to hear of. */
const refused = new URL('about:blank');

/** Mounts a blob: null when that is done, else where to send it instead. */
async function mount(
  session: Session,
  repository: string,
  digest: string,
  from: string,
): Promise<URL | null> {
  try {
    const answer = await session.request({
      ...{
        method: 'POST',
        path: `${repository}/blobs/uploads/?${new URLSearchParams({ mount: digest, from })}`,
      },
      ...{ headers: { 'content-length': 0 }, scopes: [`repository:${from}:pull`] },
    });
    answer.body.resume();
    return answer.status === 201 ? null : locationOf(answer);
  } catch (error) {
    if (error instanceof RegistryError) return refused;
    throw error;
  }
}

async function cancel(session: Session, location: URL): Promise<void> {
  const answer = await session.request({ method: 'DELETE', path: location, retries: 0 }).catch(() => null);
  answer?.body.resume();
}

async function begin(session: Session, repository: string): Promise<URL> {
  const path = `${repository}/blobs/uploads/`;
  const answer = await session.request({ method: 'POST', path, headers: { 'content-length': 0 } });
  answer.body.resume();
  return locationOf(answer);
}

function locationOf({ headers, url }: HttpAnswer): URL {
  const location = URL.parse(headers.location ?? '', url.href);
  if (!location || !/^https?:$/.test(location.protocol) || headers.location === undefined)
    throw new EngineError('internal', `${url.href} does not say where the upload goes on`);
  return location;
}

/** The content from a byte on, counted as it leaves. */
async function bodyOf({ open, progress }: Upload, start: number): Promise<Readable> {
  if (open === null) throw new EngineError('internal', 'a blob that is not here cannot be sent');
  const content = await open(start);
  if (!progress) return content;
  async function* counted() {
    let sent = start;
    for await (const chunk of content as AsyncIterable<Buffer>) {
      yield chunk;
      sent += chunk.length;
      progress?.(sent);
    }
  }
  return Readable.from(counted(), { objectMode: false });
}

/** Sends a blob, from where the registry has it after a break; returns where the upload is to be finished. */
async function sendAll(session: Session, location: URL, upload: Upload): Promise<URL> {
  let place = location;
  let start = 0;
  for (let failures = 0; ; ) {
    try {
      const range = start === 0 ? {} : { 'content-range': `${start}-${upload.size - 1}` };
      const answer = await session.request({
        ...{ method: 'PATCH', path: place, body: () => bodyOf(upload, start), retries: 0 },
        headers: { 'content-type': octets, 'content-length': upload.size - start, ...range },
      });
      answer.body.resume();
      return locationOf(answer);
    } catch (error) {
      if (!(error instanceof Unreachable) || ++failures >= mostFailures) throw error;
      // Not every registry can say how far it got: the upload begins anew with those.
      const answer = await session.request({ method: 'GET', path: place }).catch(() => null);
      answer?.body.resume();
      const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(String(answer?.headers.range ?? '')) ?? [];
      if (!answer || last === undefined || Number(last) >= upload.size) throw error;
      place = locationOf(answer);
      start = Number(last) + 1;
    }
  }
}

/** Says that a blob is complete, with its content when that was not sent before. */
async function finish(session: Session, location: URL, upload: Upload, withContent: boolean): Promise<void> {
  const path = new URL(location.href);
  path.searchParams.set('digest', upload.digest);
  const content = withContent ? { body: () => bodyOf(upload, 0), retries: 0 } : {};
  const answer = await session.request({
    ...{ method: 'PUT', path, ...content },
    headers: { 'content-type': octets, 'content-length': withContent ? upload.size : 0 },
  });
  answer.body.resume();
}
