import { setTimeout as delay } from 'node:timers/promises';
import type { Output } from './streams.ts';

export interface Size {
  h: number;
  w: number;
}

/**
 * Keeps a container's terminal as large as ours until the returned function is called. A container that was only
 * just started may not take its first size at once: it is offered again for a while.
 */
export function followSize(
  out: Output,
  resize: (size: Size) => Promise<unknown>,
  complain: (message: string) => void,
): () => void {
  const size = () => ({ h: out.height, w: out.width });
  const first = async () => {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const done = await resize(size()).then(
        () => true,
        () => false,
      );
      if (done) return;
      await delay((attempt + 1) * 10);
    }
    complain('failed to resize tty, using default size');
  };
  const stop = out.onResize(() => void resize(size()).catch(() => undefined));
  void first();
  return stop;
}
