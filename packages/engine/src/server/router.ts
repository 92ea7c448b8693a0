import type { Duplex, Readable } from 'node:stream';
import type { AnswerKind, PathParameters, QueryOf, QueryShape, Route } from '@davit/api';

/** One request, decoded. */
export interface Exchange<Path extends string, Q extends QueryShape, B> {
  path: PathParameters<Path>;
  query: QueryOf<Q>;
  body: B;
  /** The body as it arrives, for routes whose body is a stream. */
  input: Readable;
  /** API version that the client asked for, "1.51" when it named none. */
  version: string;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
  /** A header of the request. */
  requestHeader(name: string): string | undefined;
  /** Adds a header to the answer, which must not have begun. */
  header(name: string, value: string): void;
  /** `jsonlines`: sends the status line and headers now, before there is a first message. */
  begin(): void;
  /** `jsonlines`: sends one message; resolves when the client can take more. */
  send(message: unknown): Promise<void>;
  /**
   * `hijack`: answers 101 or 200 and hands over the connection; until then a thrown error is a normal answer, and
   * so is a return without it.
   */
  hijack(contentType: string): Duplex;
}

/** What a handler returns, by the kind of answer that its route gives. */
export type Answer<K extends AnswerKind, R> = K extends 'json'
  ? R
  : K extends 'text'
    ? string
    : K extends 'stream'
      ? { contentType: string; body: AsyncIterable<Uint8Array> }
      : undefined;

export type Handler<Path extends string, Q extends QueryShape, B, R, K extends AnswerKind> = (
  exchange: Exchange<Path, Q, B>,
) => Promise<Answer<K, R>>;

/** Registers a handler; `status` is that of success, by default 200, or 204 for an empty answer. */
export type AddRoute = <Path extends string, Q extends QueryShape, B, R, K extends AnswerKind>(
  route: Route<Path, Q, B, R, K>,
  handler: Handler<Path, Q, B, R, K>,
  status?: number,
) => void;
