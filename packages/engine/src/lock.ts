/** Runs one change of an object at a time: what comes second waits for what came first, whether that failed or not. */
export interface Locks {
  run<T>(key: string, change: () => Promise<T>): Promise<T>;
  /** Resolves when all that was asked for before is done. */
  idle(key: string): Promise<void>;
}

export function createLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  const run = <T>(key: string, change: () => Promise<T>): Promise<T> => {
    const before = tails.get(key) ?? Promise.resolve();
    const result = before.then(change, change);
    tails.set(key, result);
    const forget = () => {
      if (tails.get(key) === result) tails.delete(key);
    };
    result.then(forget, forget);
    return result;
  };
  return {
    run,
    idle: async (key) => {
      await Promise.allSettled([tails.get(key)]);
    },
  };
}
