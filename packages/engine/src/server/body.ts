import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { ApiError, type Shape } from '@davit/api';
import { messageOf } from '../errors.ts';

/** The largest JSON body that is read; a larger one is refused, never cut. */
export const largestBody = 4 * 1024 * 1024;

/** Reads and decodes a JSON body, refusing what dockerd refuses. An empty body is the zero value of its shape. */
export async function readJson<T>(headers: IncomingHttpHeaders, body: Readable, shape: Shape<T>): Promise<T> {
  const declared = declaredLength(headers);
  if (declared !== 0 || headers['content-type'] !== undefined)
    checkContentType(headers['content-type'] ?? '');
  if (declared === 0) return shape(undefined, '');
  if (declared !== undefined && declared > largestBody) tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  // The connection outlives a body that is refused: the answer goes through it.
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largestBody) tooLarge();
    chunks.push(chunk);
  }
  if (length === 0) return shape(undefined, '');
  return shape(parse(Buffer.concat(chunks).toString('utf8')), '');
}

/** Length of a request's body: undefined when it ends where its last chunk says so. */
export function declaredLength(headers: IncomingHttpHeaders): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}

function checkContentType(contentType: string): void {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') return;
  if (!/^[^\s/]+\/[^\s/]+$/.test(type)) {
    throw new ApiError(400, `malformed Content-Type header (${contentType}): mime: no media type`);
  }
  throw new ApiError(400, `unsupported Content-Type header (${contentType}): must be 'application/json'`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, `invalid JSON: ${messageOf(error)}`);
  }
}

function tooLarge(): never {
  throw new ApiError(413, `the request body is larger than ${largestBody / 1024 / 1024} MiB`);
}
