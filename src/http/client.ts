import type { Duplex, Readable } from 'node:stream';
import {
  type AnswerKind,
  ApiError,
  decodeJsonLines,
  encodeQuery,
  type PathParameters,
  type QueryOf,
  type QueryShape,
  type Route,
  routes,
} from '@davit/api';
import { parseAddress, type TlsFiles } from './dial.ts';
import { ConnectionError, codeOf, connectionLost } from './errors.ts';
import type { Answer } from './exchange.ts';
import { createReach } from './reach.ts';
import { createTransport, type TransportRequest } from './transport.ts';
import { createNegotiation } from './version.ts';

/** A connection that became a stream in both directions. Ending it sends a half-close; reading goes on. */
export interface Hijacked {
  readonly stream: Duplex;
  /** `application/vnd.docker.raw-stream` or `…multiplexed-stream`; engines before API 1.42 always say raw. */
  readonly contentType: string;
}

/** Bytes of an answer as they arrive. */
export interface ByteAnswer {
  readonly stream: Readable;
  readonly contentType: string;
  readonly headers: Record<string, string>;
}

/** The head of an answer that has no body. */
export interface EmptyAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
}

/** What a call resolves to, by the kind of answer that the route gives. */
export type CallResult<K extends AnswerKind, R> = K extends 'json'
  ? R
  : K extends 'text'
    ? string
    : K extends 'jsonlines'
      ? AsyncIterable<R>
      : K extends 'stream'
        ? ByteAnswer
        : K extends 'hijack'
          ? Hijacked
          : EmptyAnswer;

/** A body of which any part may be left out; what is in lists and maps is whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? string extends keyof T
      ? T
      : { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** Parameters of a call: path names are needed when the path has some, all else may be left out. */
export type CallInput<Path extends string, Q extends QueryShape, B> = {
  query?: Partial<QueryOf<Q>>;
  /** A JSON body, as far as it differs from the zero value. */
  body?: DeepPartial<B>;
  /** The body of routes that take a stream. */
  input?: Readable | Uint8Array;
  headers?: Record<string, string>;
  signal?: AbortSignal;
} & (keyof PathParameters<Path> extends never ? { path?: undefined } : { path: PathParameters<Path> });

type OptionalUnless<Needed, Input> = Needed extends true ? [Input] : [Input?];
type HasNames<Path extends string> = keyof PathParameters<Path> extends never ? false : true;

/** An engine's API, typed by its routes. */
export interface Client {
  /**
   * Sends one request. Resolves when the status and headers are there (`json` and `text`: the whole answer).
   * Throws ApiError with the engine's own message when it refuses, ConnectionError when it is not reached.
   */
  call<Path extends string, Q extends QueryShape, B, R, K extends AnswerKind>(
    route: Route<Path, Q, B, R, K>,
    ...input: OptionalUnless<HasNames<Path>, CallInput<Path, Q, B>>
  ): Promise<CallResult<K, R>>;
  /** The API version that is spoken with this engine; asks it when nothing else has yet. */
  version(): Promise<string>;
  /** Ends all connections that are not handed over. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Speak this version and no other. */
  version?: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Called once when nothing listens at the address; the connection is then tried again. */
  start?: () => Promise<void>;
}

/** Makes the client of the engine at `unix://…` or `tcp://…`. Nothing is sent before the first call. */
export function connect(endpoint: { host: string; tls?: TlsFiles }, options: ConnectOptions = {}): Client {
  const address = parseAddress(endpoint.host, endpoint.tls);
  const negotiation = createNegotiation(options.version);
  const transport = createTransport(address, createReach(address, options.start));

  /** Sends a request, again when the engine turns out to be older; resolves to what was not refused. */
  async function send<T extends Answer | { socket: Duplex; status: number; headers: Record<string, string> }>(
    attempt: (request: TransportRequest) => Promise<T>,
    request: TransportRequest,
    versioned: boolean,
  ): Promise<T> {
    const sent = negotiation.current;
    const path = `${address.basePath}${versioned ? `/v${sent}` : ''}${request.path}`;
    const answer = await attempt({ ...request, path }).catch((error: unknown) => {
      throw explain(error, request.signal);
    });
    if (negotiation.learn(answer.status, answer.headers, sent)) {
      if ('body' in answer) answer.body.resume();
      return send(attempt, request, versioned);
    }
    if (answer.status < 400 || !('body' in answer)) return answer;
    throw await refusal(answer, path);
  }

  function explain(error: unknown, signal?: AbortSignal): unknown {
    if (signal?.aborted) return signal.reason;
    return error instanceof ConnectionError || codeOf(error) === '' ? error : connectionLost(address, error);
  }

  async function* guard(body: Readable, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw explain(error, signal);
    }
  }

  async function textOf(answer: Answer, signal?: AbortSignal): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of guard(answer.body, signal)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  async function version(): Promise<string> {
    if (!negotiation.settled) {
      const request = { method: 'GET', path: routes.ping.path, headers: options.headers ?? {} } as const;
      await textOf(await send(transport.request, request, false));
    }
    return negotiation.current;
  }

  async function call(route: AnyRoute, input: AnyInput = {}): Promise<unknown> {
    // A stream cannot be sent twice.
    if (input.input && !negotiation.settled) await version();
    const request: TransportRequest = {
      method: route.method,
      path: fillPath(route.path, input.path) + encodeQuery(route.query, input.query ?? {}),
      headers: { ...options.headers, ...contentType(route, input), ...input.headers },
      body: input.body === undefined ? input.input : JSON.stringify(input.body),
      signal: input.signal,
    };
    const versioned = route.path !== routes.ping.path;
    if (route.answer.kind === 'hijack') {
      const answer = await send(transport.upgrade, request, versioned);
      if ('socket' in answer)
        return { stream: answer.socket, contentType: answer.headers['content-type'] ?? '' };
      throw new ConnectionError(
        `${address.host} answered ${answer.status} instead of handing over the connection`,
      );
    }
    const answer = await send(transport.request, request, versioned);
    switch (route.answer.kind) {
      case 'json':
        return JSON.parse(await textOf(answer, input.signal));
      case 'text':
        return textOf(answer, input.signal);
      case 'jsonlines':
        return decodeJsonLines(guard(answer.body, input.signal));
      case 'stream':
        return {
          stream: answer.body,
          contentType: answer.headers['content-type'] ?? '',
          headers: answer.headers,
        };
      case 'empty':
        await textOf(answer, input.signal);
        return { status: answer.status, headers: answer.headers };
    }
  }

  return { call: call as Client['call'], version, close: transport.close };
}

type AnyRoute = Route<string, QueryShape, unknown, unknown, AnswerKind>;
type AnyInput = Omit<CallInput<'/{name}', QueryShape, unknown>, 'path'> & { path?: Record<string, string> };

function contentType(route: AnyRoute, input: AnyInput): Record<string, string> {
  if (route.body.kind === 'json' && input.body !== undefined) return { 'content-type': 'application/json' };
  return route.body.kind === 'stream' && input.input ? { 'content-type': 'application/x-tar' } : {};
}

function fillPath(path: string, names: Record<string, string> = {}): string {
  return path.replace(/\{(\w+)(\*?)\}/g, (_, name: string, slashes: string) => {
    const value = encodeURIComponent(names[name] ?? '');
    return slashes ? value.replaceAll('%2F', '/') : value;
  });
}

/** The error that an answer stands for: `{"message"}` of the API, or whatever text there is. */
async function refusal(answer: Answer, path: string): Promise<ApiError> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString().trim();
  return new ApiError(
    answer.status,
    messageIn(text) || text || `${path} was answered with status ${answer.status}`,
  );
}

function messageIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const isObject = typeof body === 'object' && body !== null && 'message' in body;
    return isObject && typeof body.message === 'string' ? body.message.trim() : '';
  } catch {
    return '';
  }
}
