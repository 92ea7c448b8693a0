/** Places for a limited number of things at once; others wait in line. */
export interface Slots {
  /**
   * Waits for a place, telling so when it has to, and runs `work` there. Throws when `signal` is aborted before
   * its turn.
   */
  use<T>(signal: AbortSignal, waiting: () => void, work: () => Promise<T>): Promise<T>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const line: (() => void)[] = [];
  const turn = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        line.splice(line.indexOf(go), 1);
        reject(signal.reason);
      };
      line.push(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  return {
    async use(signal, waiting, work) {
      signal.throwIfAborted();
      if (free > 0) free -= 1;
      else {
        waiting();
        await turn(signal);
      }
      try {
        return await work();
      } finally {
        const next = line.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
