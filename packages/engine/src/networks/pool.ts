import { messageOf } from '../errors.ts';
import { log } from '../log.ts';

/** Things that take long to make, made ahead. */
export interface Pool<T> {
  /** One that is ready, else a new one. */
  take(): Promise<T>;
  /** Begins to make some ahead: now is a good time. */
  fill(): void;
  /** Discards what was made ahead, and makes no more. */
  empty(): Promise<void>;
}

export interface PoolOptions<T> {
  size: number;
  make(): Promise<T>;
  discard(item: T): Promise<void>;
}

/** So long after a take nothing is made ahead, unless nothing is left: whoever took it is busy with other things. */
const quiet = 100;

export function createPool<T>({ size, make, discard }: PoolOptions<T>): Pool<T> {
  const ready: T[] = [];
  let open = true;
  let timer: NodeJS.Timeout | undefined;
  let making: Promise<T> | null = null;
  /** Someone waits for what is being made. */
  let promised = false;

  function schedule(pause: number): void {
    clearTimeout(timer);
    if (!open || making || ready.length >= size) return;
    timer = setTimeout(makeOne, ready.length === 0 ? 0 : pause);
    timer.unref();
  }

  function makeOne(): void {
    const settle = () => {
      making = null;
      promised = false;
    };
    making = make();
    making.then(
      (item) => {
        if (!promised) ready.push(item);
        settle();
        schedule(quiet);
      },
      (error) => {
        settle();
        log.warn('cannot make a network namespace ahead', { error: messageOf(error) });
      },
    );
  }

  return {
    async take() {
      const item = ready.shift();
      if (item === undefined && making && !promised) {
        promised = true;
        return making;
      }
      schedule(quiet);
      return item ?? make();
    },
    fill: () => schedule(0),
    async empty() {
      open = false;
      clearTimeout(timer);
      await making?.catch(() => undefined);
      await Promise.all(ready.splice(0).map(discard));
    },
  };
}
