import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { ApiError, apiVersion } from '@davit/api';
import { EngineError, messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { fail, succeed } from './answer.ts';
import { type Conversation, converse } from './exchange.ts';
import { type Failure, failureOf } from './failure.ts';
import { bodyBeforeUpgrade, letGo } from './hijack.ts';
import type { AddRoute } from './router.ts';
import { createRouteTable, type Entry } from './table.ts';
import { checkVersion, parseTarget } from './target.ts';

export interface ApiServer {
  add: AddRoute;
  /** An HTTP server, not listening yet, that answers with the routes; over TLS when it is told a certificate. */
  open(tls?: TlsServerOptions): Server;
  /** Connections that are open now, and how many there have ever been. */
  readonly connections: { open: number; total: number };
  /** Answers requests that come from now on with the news that the engine is ending. */
  retire(): void;
  /** Gives running requests `grace` milliseconds to end, then ends them and all connections. */
  close(grace: number): Promise<void>;
}

const httpOptions: ServerOptions = {
  // Registry credentials travel in headers; dockerd takes this much.
  maxHeaderSize: 1024 * 1024,
  // An upload takes as long as it takes, and a client may come back to its connection whenever it likes.
  requestTimeout: 0,
  keepAliveTimeout: 0,
};

/** The HTTP side of the engine: versions, routes, errors and taken-over connections, for all listeners. */
export function createApiServer({ engineVersion }: { engineVersion: string }): ApiServer {
  const table = createRouteTable();
  const sockets = new Set<Socket>();
  const running = new Map<AbortController, Promise<void>>();
  let total = 0;
  let retired = false;

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    departure: AbortController,
    head?: Buffer,
  ): Promise<void> {
    let entry: Entry | undefined;
    let conversation: Conversation | undefined;
    try {
      response.setHeader('Api-Version', apiVersion);
      response.setHeader('Docker-Experimental', 'false');
      response.setHeader('Ostype', 'linux');
      response.setHeader('Server', `Davit/${engineVersion} (linux)`);
      const target = parseTarget(request.url ?? '/');
      const match = table.find(request.method ?? 'GET', target.path);
      // dockerd says the same about a path that it knows with another method.
      if (!match) throw new ApiError(404, 'page not found');
      entry = match.entry;
      if (retired) {
        response.shouldKeepAlive = false;
        throw new EngineError('unavailable', 'the engine is ending');
      }
      log.debug(`Calling ${request.method} ${request.url}`);
      const version = checkVersion(target.version);
      const input: Readable = head ? await bodyBeforeUpgrade(request, head) : request;
      const upgraded = head !== undefined;
      conversation = await converse({
        ...{ request, response, departure, target, version, input, upgraded },
        ...match,
      });
      await succeed(response, entry, await entry.handler(conversation.exchange));
    } catch (error) {
      const failure = failureOf(error);
      // What fails because its client is gone concerns nobody.
      if (!departure.signal.aborted) report(request, failure, error);
      if (!conversation?.isTaken()) fail(response, entry, failure);
    } finally {
      if (conversation?.isTaken()) conversation.letGo();
    }
  }

  function start(request: IncomingMessage, response: ServerResponse, head?: Buffer): void {
    const departure = new AbortController();
    response.once('close', () => departure.abort());
    const served = serve(request, response, departure, head);
    running.set(departure, served);
    void served.finally(() => running.delete(departure));
  }

  function serveUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', (error) => log.debug(`connection: ${messageOf(error)}`));
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => letGo(socket));
    start(request, response, head);
  }

  function open(tls?: TlsServerOptions): Server {
    const options: ServerOptions = {
      ...httpOptions,
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === protocolOf(request),
    };
    const server = tls ? createTlsServer({ ...options, ...tls, allowHalfOpen: true }) : createServer(options);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => start(request, response));
    server.on('upgrade', serveUpgrade);
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      total += 1;
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    return server;
  }

  /** What the connection of a request may become; null: nothing else. */
  function protocolOf(request: IncomingMessage): 'tcp' | 'websocket' | null {
    try {
      const { path } = parseTarget(request.url ?? '/');
      const { kind, protocol = 'tcp' } = table.find(request.method ?? 'GET', path)?.entry.route.answer ?? {};
      return kind === 'hijack' ? protocol : null;
    } catch {
      return null;
    }
  }

  return {
    add: table.add,
    open,
    get connections() {
      return { open: sockets.size, total };
    },
    retire: () => {
      retired = true;
    },
    async close(grace) {
      await Promise.race([Promise.allSettled(running.values()), pause(grace)]);
      for (const departure of running.keys()) departure.abort();
      // What was told to end gets a moment for its last words.
      await Promise.race([Promise.allSettled(running.values()), pause(100)]);
      for (const socket of sockets) socket.destroySoon();
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

function report(request: IncomingMessage, failure: Failure, error: unknown): void {
  const told = `Handler for ${request.method} ${request.url} returned error: ${failure.message}`;
  if (!failure.unexpected) log[failure.status >= 500 ? 'error' : 'debug'](told);
  else log.error(told, { stack: (error instanceof Error && error.stack) || String(error) });
}
