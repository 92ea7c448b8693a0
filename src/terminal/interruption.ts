import { Interrupted } from '../exit.ts';

/**
 * A signal that is aborted by the process's first SIGINT or SIGTERM; a second one ends the process at once.
 * Until this is called the two signals end the process as they always do.
 */
export function processInterruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(new Interrupted(name)));
  }
  return controller.signal;
}
