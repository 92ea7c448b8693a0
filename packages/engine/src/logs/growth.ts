import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { onChange } from './changes.ts';

/** The bounds of how often a file that grows is looked at, in milliseconds. */
const pace = { least: 5, most: 50 };

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;

/**
 * Resolves when a file has reached a size, or `signal` is aborted. As long as nothing is written, the kernel is asked
 * to say when that changes; then the file is looked at as often as its growth demands, so that a chatty program
 * costs no more than a slow one.
 */
export async function reachSize(path: string, limit: number, signal: AbortSignal): Promise<void> {
  let size = await sizeOf(path);
  let wait = pace.least;
  while (size < limit && !signal.aborted) {
    await pause(wait, undefined, { signal }).catch(() => undefined);
    const before = size;
    size = await sizeOf(path);
    const rate = (size - before) / wait;
    if (rate > 0) {
      wait = Math.min(Math.max((limit - size) / rate / 2, pace.least), pace.most);
    } else if (!signal.aborted) {
      size = await changeOf(path, size, signal);
      wait = pace.least;
    }
  }
}

/** Waits until a file has another size than it had. */
async function changeOf(path: string, size: number, signal: AbortSignal): Promise<number> {
  const { promise: changed, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  signal.addEventListener('abort', wake, { once: true });
  const stop = onChange(path, wake);
  try {
    // It may have grown before it was watched.
    const now = await sizeOf(path);
    if (now !== size) return now;
    await changed;
    return await sizeOf(path);
  } finally {
    stop();
    signal.removeEventListener('abort', wake);
  }
}
