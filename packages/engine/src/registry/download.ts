import { setTimeout as pause } from 'node:timers/promises';
import { EngineError, messageOf } from '../errors.ts';
import type { HttpAnswer } from './http.ts';
import type { Session } from './session.ts';

export interface DownloadOptions {
  digest: string;
  size: number;
  signal?: AbortSignal;
  /** Told when the connection broke and is tried again in so many seconds. */
  retrying?(seconds: number): void;
}

/** How often in a row a connection may bring nothing, and how often it may break at all. */
const mostFailures = 5;
const mostBreaks = 50;

/**
 * The content of a blob. When the connection breaks it goes on where it was: whoever reads it notices no more
 * than a pause. The content is not checked here, except that it does not go on for longer than it should.
 */
export async function* downloadBlob(
  session: Session,
  repository: string,
  { digest, size, signal, retrying }: DownloadOptions,
): AsyncGenerator<Buffer> {
  let offset = 0;
  let breaks = 0;
  for (let failures = 0; offset < size; breaks++) {
    const start = offset;
    try {
      for await (const chunk of contentFrom(session, `${repository}/blobs/${digest}`, offset, signal)) {
        offset += chunk.length;
        if (offset > size) throw new EngineError('internal', `${digest} has more than its ${size} bytes`);
        yield chunk;
        signal?.throwIfAborted();
      }
      if (offset < size) throw new Error(`unexpected EOF after ${offset} of ${size} bytes`);
    } catch (error) {
      signal?.throwIfAborted();
      // What was refused, or is wrong, will be so again; a connection that brought something deserves another.
      failures = offset > start ? 1 : failures + 1;
      if (error instanceof EngineError || failures >= mostFailures || breaks >= mostBreaks)
        throw error instanceof EngineError
          ? error
          : new EngineError('internal', `cannot fetch ${digest}: ${messageOf(error)}`, { cause: error });
      const seconds = Math.min(2 ** (failures - 1), 16);
      retrying?.(seconds);
      await pause(seconds * 1000, undefined, { signal });
    }
  }
}

async function* contentFrom(
  session: Session,
  path: string,
  offset: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
  const answer = await session.request({ method: 'GET', path, headers, signal });
  let skip = answer.status === 206 ? 0 : offset;
  try {
    if (answer.status === 206 && !isFrom(answer, offset))
      throw new EngineError('internal', `${answer.url.href} answered with another part than was asked for`);
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      const wanted = chunk.subarray(skip);
      skip -= chunk.length - wanted.length;
      if (wanted.length > 0) yield wanted;
    }
  } finally {
    answer.body.destroy();
  }
}

function isFrom({ headers }: HttpAnswer, offset: number): boolean {
  return Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1]) === offset;
}
