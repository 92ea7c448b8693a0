/** A place where any number of callers wait for the same thing to happen, each as long as it likes. */
export interface Turnstile<T> {
  /** Resolves with the next value; rejects when `signal` is aborted first. */
  wait(signal?: AbortSignal): Promise<T>;
  release(value: T): void;
}

export function createTurnstile<T>(): Turnstile<T> {
  const waiting = new Set<(value: T) => void>();
  return {
    wait: (signal) =>
      new Promise<T>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = () => {
          waiting.delete(settle);
          reject(signal?.reason);
        };
        const settle = (value: T) => {
          signal?.removeEventListener('abort', leave);
          resolve(value);
        };
        waiting.add(settle);
        signal?.addEventListener('abort', leave, { once: true });
      }),
    release(value) {
      const released = [...waiting];
      waiting.clear();
      for (const settle of released) settle(value);
    },
  };
}
