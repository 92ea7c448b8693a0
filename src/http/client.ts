import type { Duplex, Readable } from 'node:stream';
import type { AnswerKind, PathParameters, QueryOf, QueryShape, Route } from '@davit/api';

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
          : { status: number; headers: Record<string, string> };

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

export type DeepPartial<T> = T extends (infer Item)[]
  ? Item[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** An engine's API, typed by its routes. */
export interface Client {
  /**
   * Sends one request. Resolves when the status and headers are there (`json` and `text`: the whole answer).
   * Throws ApiError with the engine's own message when it refuses, ConnectionError when it is not reached.
   */
  call<Path extends string, Q extends QueryShape, B, R, K extends AnswerKind>(
    route: Route<Path, Q, B, R, K>,
    ...input: keyof PathParameters<Path> extends never ? [CallInput<Path, Q, B>?] : [CallInput<Path, Q, B>]
  ): Promise<CallResult<K, R>>;
  /** The API version that is spoken with this engine; asks it at the first time. */
  version(): Promise<string>;
  /** Ends idle connections, so that the process can end. */
  close(): Promise<void>;
}
