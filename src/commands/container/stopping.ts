import { flag } from '../command.ts';

/** How a container is stopped: the flags of `stop` and `restart`. */
export const stoppingFlags = {
  signal: flag.string({
    short: 's',
    summary: 'Signal to send instead of the stop signal of the container',
  }),
  timeout: flag.integer({ short: 't', summary: 'Seconds to wait before it is killed, -1 for ever' }),
  time: flag.integer({
    summary: 'Seconds to wait before it is killed',
    hidden: true,
    deprecated: 'use --timeout instead',
  }),
};

/** What the engine is told of those flags. */
export function stoppingQuery({
  signal,
  timeout,
  time,
}: {
  signal?: string;
  timeout?: number;
  time?: number;
}) {
  return { signal, t: timeout ?? time };
}
