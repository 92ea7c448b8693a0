import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { decodeQuery, encodeJsonLine, type QueryShape } from '@davit/api';
import { readJson } from './body.ts';
import { takeOver } from './hijack.ts';
import type { Exchange } from './router.ts';
import type { Entry } from './table.ts';
import type { Target } from './target.ts';

/** A request on its way: what the handler gets, and what became of the connection. */
export interface Conversation {
  exchange: Exchange<string, QueryShape, unknown>;
  /** The connection, once the handler took it over. */
  taken(): Socket | undefined;
}

export interface Incoming {
  request: IncomingMessage;
  response: ServerResponse;
  entry: Entry;
  parameters: Record<string, string>;
  target: Target;
  version: string;
  input: Readable;
  /** Whether the client asked to switch protocols. */
  upgraded: boolean;
  /** Aborted when the client is gone. */
  departure: AbortController;
}

/** Decodes a request for its handler. Throws when query or body are not what the route wants. */
export async function converse(incoming: Incoming): Promise<Conversation> {
  const { request, response, entry, input, departure } = incoming;
  const { route } = entry;
  const query = decodeQuery(route.query, incoming.target.search);
  const body =
    route.body.kind === 'json' ? await readJson(request.headers, input, route.body.shape) : undefined;
  let taken: Socket | undefined;
  const begin = () => {
    if (response.headersSent) return;
    response.writeHead(entry.status, { 'Content-Type': 'application/json' });
    response.flushHeaders();
  };
  return {
    taken: () => taken,
    exchange: {
      path: incoming.parameters,
      query,
      body,
      input,
      version: incoming.version,
      signal: departure.signal,
      requestHeader: (name) => {
        const value = request.headers[name.toLowerCase()];
        return Array.isArray(value) ? value[0] : value;
      },
      header: (name, value) => {
        response.setHeader(name, value);
      },
      begin,
      send: (message) => {
        begin();
        return write(response, encodeJsonLine(message));
      },
      hijack: (contentType) => {
        taken = takeOver(request, response, incoming.upgraded, contentType);
        taken.once('close', () => departure.abort());
        return taken;
      },
    },
  };
}

/** Writes to a client and waits until it can take more; one that is gone takes everything. */
export function write(response: ServerResponse, bytes: string | Uint8Array): Promise<void> {
  if (response.destroyed || response.write(bytes)) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle);
      response.off('close', settle);
      resolve();
    };
    response.on('drain', settle);
    response.on('close', settle);
  });
}
