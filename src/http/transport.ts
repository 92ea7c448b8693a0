import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import Client from 'undici/lib/dispatcher/client.js';
import { type Address, dial } from './dial.ts';
import { connectionLost } from './errors.ts';
import { type Answer, createExchange, joinRaw, type Upgraded } from './exchange.ts';

export interface TransportRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array | Readable;
  signal?: AbortSignal;
}

/** HTTP to one engine: every request has a connection to itself as long as it lasts. */
export interface Transport {
  request(request: TransportRequest): Promise<Answer>;
  /** Asks for the connection itself; what is not handed over comes back as an answer. */
  upgrade(request: TransportRequest): Promise<Upgraded | Answer>;
  close(): Promise<void>;
}

/** Makes the transport; `reach` opens a connection, by default straight to the address. */
export function createTransport(
  address: Address,
  reach: () => Promise<Duplex> = () => dial(address),
): Transport {
  const idle: Connection[] = [];
  const all = new Set<Connection>();
  const lost = (error: Error) => connectionLost(address, error);

  function take(): Connection {
    const connection = idle.pop() ?? createConnection(reach);
    all.add(connection);
    return connection;
  }

  function drop(connection: Connection): void {
    all.delete(connection);
    connection.client.destroy();
  }

  return {
    request(request) {
      const connection = take();
      return new Promise((answered, rejected) => {
        const failed = (error: Error) => {
          drop(connection);
          rejected(error);
        };
        const ended = () => idle.push(connection);
        const handler = createExchange({ answered, failed, lost, ended }, request.signal);
        connection.client.dispatch(request, handler);
      });
    },
    upgrade(request) {
      const connection = take();
      return new Promise((resolve, rejected) => {
        const failed = (error: Error) => {
          drop(connection);
          rejected(error);
        };
        const answered = (answer: Answer) => {
          const { socket } = connection;
          if (answer.status !== 200 || !socket) resolve(answer);
          else resolve({ ...answer, socket: joinRaw(answer, socket) });
        };
        const upgraded = (result: Upgraded) => {
          all.delete(connection);
          resolve(result);
        };
        const handler = createExchange(
          { answered, upgraded, failed, lost, ended: () => drop(connection) },
          request.signal,
        );
        connection.client.dispatch({ ...request, upgrade: 'tcp' }, handler);
      });
    },
    async close() {
      await Promise.all([...all].map(({ client }) => client.destroy()));
      all.clear();
    },
  };
}

interface Connection {
  readonly client: Client;
  /** The socket below the client, once it is open. */
  socket: Duplex | undefined;
}

function createConnection(reach: () => Promise<Duplex>): Connection {
  const connection: { client: Client; socket: Duplex | undefined } = {
    socket: undefined,
    client: new Client('http://localhost', {
      // Engines take their time: a wait or a stream of events may be silent for days.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, done) => {
        reach().then(
          (socket) => {
            connection.socket = socket;
            // All that undici asks of a socket is what every stream in both directions has.
            done(null, socket as Socket);
          },
          (error: Error) => done(error, null),
        );
      },
    }),
  };
  return connection;
}
