import { Duplex, Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

type Headers = Record<string, string>;

/** The head of an answer, and its body as it arrives. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readable;
}

/** The connection itself, once the server has handed it over. */
export interface Upgraded {
  readonly status: number;
  readonly headers: Headers;
  readonly socket: Duplex;
}

/** What undici is given for one request; exactly one of the two callbacks is called, once. */
export interface ExchangeEnds {
  answered(answer: Answer): void;
  /** Only for requests that ask for an upgrade. */
  upgraded?(connection: Upgraded): void;
  failed(error: Error): void;
  /** How it is told that an answer broke off. */
  lost(error: Error): Error;
  /** The answer is over and the connection may be used again. */
  ended(): void;
}

/** Makes the handler of one request. A body that is read slowly holds the server back. */
export function createExchange(ends: ExchangeEnds, signal?: AbortSignal): Dispatcher.DispatchHandler {
  let body: Readable | undefined;
  let stopListening = () => {};
  return {
    onRequestStart(controller) {
      const abort = () => controller.abort(signal?.reason as Error);
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort);
      stopListening = () => signal?.removeEventListener('abort', abort);
    },
    onRequestUpgrade(_controller, status, headers, socket) {
      stopListening();
      ends.upgraded?.({ status, headers: flatten(headers), socket: socket as Duplex });
    },
    onResponseStart(controller, status, headers) {
      if (status < 200) return;
      body = new Readable({
        highWaterMark: 256 * 1024,
        read: () => controller.resume(),
        destroy(error, done) {
          // Leaving an answer early closes its connection; after the end there is nothing to leave.
          if (!body?.readableEnded) controller.abort(error ?? new Error('the answer was left'));
          done(error);
        },
      });
      ends.answered({ status, headers: flatten(headers), body });
    },
    onResponseData(controller, chunk) {
      if (body?.push(chunk) === false) controller.pause();
    },
    onResponseEnd() {
      stopListening();
      body?.push(null);
      ends.ended();
    },
    onResponseError(_controller, error) {
      stopListening();
      if (!body) ends.failed(error);
      else if (!body.destroyed) body.destroy(signal?.aborted ? error : ends.lost(error));
    },
  };
}

function flatten(headers: Record<string, string | string[] | undefined>): Headers {
  const pairs = Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]);
  return Object.fromEntries(pairs) as Headers;
}

/**
 * A connection that was handed over by a plain 200, without an upgrade: what arrives is the answer's body,
 * what is written goes past HTTP to the socket.
 */
export function joinRaw(answer: Answer, socket: Duplex): Duplex {
  return Duplex.from({
    readable: answer.body,
    writable: socket,
  });
}
