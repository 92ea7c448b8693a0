import type { ServerResponse } from 'node:http';
import type { AnswerKind } from '@davit/api';
import { write } from './exchange.ts';
import type { Failure } from './failure.ts';
import type { Entry } from './table.ts';

type Stream = { contentType: string; body: AsyncIterable<Uint8Array> };

const finishers: Record<
  Exclude<AnswerKind, 'hijack'>,
  (response: ServerResponse, status: number, result: unknown) => void | Promise<void>
> = {
  empty: (response, status) => {
    response.writeHead(status).end();
  },
  json: (response, status, result) =>
    complete(response, status, 'application/json', `${JSON.stringify(result)}\n`),
  text: (response, status, result) => complete(response, status, 'text/plain; charset=utf-8', String(result)),
  jsonlines: (response, status) => {
    if (!response.headersSent) response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end();
  },
  stream: async (response, status, result) => {
    const { contentType, body } = result as Stream;
    response.writeHead(status, { 'Content-Type': contentType });
    response.flushHeaders();
    for await (const chunk of body) {
      if (response.destroyed) return;
      await write(response, chunk);
    }
    response.end();
  },
};

/** Sends what a handler returned. */
export async function succeed(response: ServerResponse, entry: Entry, result: unknown): Promise<void> {
  const { kind } = entry.route.answer;
  if (kind !== 'hijack') await finishers[kind](response, entry.status, result);
  // A connection that the handler had no use for, as that of an exec that runs detached, is answered as any other.
  else if (response.socket) response.writeHead(entry.status, { 'Content-Length': 0 }).end();
}

/** Tells the client what went wrong, as far as that is still possible. */
export function fail(response: ServerResponse, entry: Entry | undefined, failure: Failure): void {
  if (!response.headersSent) {
    if (failure.status === 304) response.writeHead(304).end();
    else complete(response, failure.status, 'application/json', errorBody(failure));
  } else if (entry?.route.answer.kind === 'jsonlines') {
    response.end(errorLine(failure));
  } else {
    // A body that breaks off is all that is left to say that something went wrong.
    response.destroy();
  }
}

function errorBody(failure: Failure): string {
  return `${JSON.stringify({ message: failure.message })}\n`;
}

function errorLine({ message }: Failure): string {
  return `${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`;
}

function complete(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
