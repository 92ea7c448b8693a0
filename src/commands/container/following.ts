import { routes } from '@davit/api';
import type { Client } from '../../http/client.ts';
import { followSize } from '../../terminal/resize.ts';
import { forwardSignals } from '../../terminal/signals.ts';
import type { Streams } from '../../terminal/streams.ts';

/**
 * Passes the signals of this process on to a container until the returned function is called; `received` is told of
 * each, and when the engine has answered.
 */
export function forwardToContainer(
  client: Client,
  id: string,
  received: (signal: string, answered: Promise<void>) => void = () => undefined,
): () => void {
  return forwardSignals((signal) => {
    const sent = client.call(routes.containerKill, { path: { name: id }, query: { signal } });
    const answered = sent.then(
      () => undefined,
      () => undefined,
    );
    received(signal, answered);
    return answered;
  });
}

/** Keeps the terminal of a container as large as ours, where we have one, until the returned function is called. */
export function followContainer(client: Client, id: string, { out, err }: Streams): () => void {
  if (!out.isTerminal) return () => {};
  return followSize(
    out,
    (query) => client.call(routes.containerResize, { path: { name: id }, query }),
    (message) => void err.line(message),
  );
}
