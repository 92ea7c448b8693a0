import type { ProgressMessage } from '@davit/api';

/** What several clients may want at once, and is done only once. */
export interface Transfers<T> {
  /** Begins the work that `key` stands for, or joins those who wait for it already. */
  join(key: string, participant: Participant<T>): Promise<T>;
}

export interface Participant<T> {
  /** Does the work, if nobody does it yet. Its signal is aborted when nobody waits any more. */
  start(signal: AbortSignal, tell: (message: ProgressMessage) => void): Promise<T>;
  /** Gets what is told of the progress, beginning with the latest. */
  watch(message: ProgressMessage): void;
  /** Takes hold of the result, in the moment it is there. */
  take?(result: T): void;
  signal: AbortSignal;
}

interface Member<T> {
  watch(message: ProgressMessage): void;
  finish(result: T): void;
  fail(error: unknown): void;
}

interface Transfer<T> {
  members: Set<Member<T>>;
  stop: AbortController;
  last: ProgressMessage | null;
}

/** `settle` gets each result when all who wait for it have taken it, or nobody waits any more. */
export function createTransfers<T>(settle: (result: T) => void = () => undefined): Transfers<T> {
  const running = new Map<string, Transfer<T>>();

  const begin = (key: string, start: Participant<T>['start']): Transfer<T> => {
    const transfer: Transfer<T> = { members: new Set(), stop: new AbortController(), last: null };
    running.set(key, transfer);
    const over = () => {
      if (running.get(key) === transfer) running.delete(key);
    };
    const tell = (message: ProgressMessage) => {
      transfer.last = message;
      for (const member of transfer.members) member.watch(message);
    };
    start(transfer.stop.signal, tell).then(
      (result) => {
        over();
        for (const member of transfer.members) member.finish(result);
        settle(result);
      },
      (error) => {
        over();
        for (const member of transfer.members) member.fail(error);
      },
    );
    return transfer;
  };

  return {
    join: (key, { start, watch, take, signal }) =>
      new Promise<T>((resolve, reject) => {
        signal.throwIfAborted();
        const transfer = running.get(key) ?? begin(key, start);
        const leave = () => {
          transfer.members.delete(member);
          reject(signal.reason);
          if (transfer.members.size > 0) return;
          // Who comes now begins anew.
          if (running.get(key) === transfer) running.delete(key);
          transfer.stop.abort(signal.reason);
        };
        const member: Member<T> = {
          watch,
          finish(result) {
            signal.removeEventListener('abort', leave);
            take?.(result);
            resolve(result);
          },
          fail(error) {
            signal.removeEventListener('abort', leave);
            reject(error);
          },
        };
        transfer.members.add(member);
        signal.addEventListener('abort', leave, { once: true });
        if (transfer.last) watch(transfer.last);
      }),
  };
}
