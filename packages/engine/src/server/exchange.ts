import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { compareVersions, decodeQuery, encodeJsonLine, type QueryShape } from '@davit/api';
import { readJson } from './body.ts';
import { closeSoon, letGo, takeOver } from './hijack.ts';
import type { Exchange } from './router.ts';
import type { Entry } from './table.ts';
import type { Target } from './target.ts';

/** A request on its way: what the handler gets, and what became of the connection. */
export interface Conversation {
  exchange: Exchange<string, QueryShape, unknown>;
  /** Whether the handler took over the connection. */
  isTaken(): boolean;
  /** Lets go of a connection that was taken over: the client reads the end after all that was written. */
  letGo(): void;
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
  let taken: Duplex | undefined;
  const isWebSocket = route.answer.protocol === 'websocket';
  const webSockets = isWebSocket ? await import('./websocket.ts') : null;
  const isText = compareVersions(incoming.version, '1.28') < 0;
  const begin = () => {
    if (response.headersSent) return;
    response.writeHead(entry.status, { 'Content-Type': 'application/json' });
    response.flushHeaders();
  };
  return {
    isTaken: () => taken !== undefined,
    letGo() {
      if (!webSockets) return letGo(request.socket);
      taken?.end();
      // It ends the connection after all that was written, which a client that reads nothing never takes.
      if (!request.socket.destroyed) closeSoon(request.socket);
    },
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
        taken = webSockets
          ? webSockets.openWebSocket(request, response, incoming.upgraded, isText)
          : takeOver(request, response, incoming.upgraded, contentType);
        request.socket.once('close', () => departure.abort());
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
