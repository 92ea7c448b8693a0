import { type FSWatcher, watch } from 'node:fs';

/** Tells when a file has grown. */
export interface ChangeWatch {
  /** Whether nothing more is going to be written. */
  over(): boolean;
  /** Resolves when the file may have grown since the last time, or all is over. */
  next(): Promise<void>;
  /** There is another file at the path now: it is the one to be watched. */
  move(): void;
  close(): void;
}

/** How often it is looked where the kernel has no more watches to give. */
const interval = 100;

/** Calls `note` for each change of a file; returns how to stop that. */
export function onChange(path: string, note: () => void): () => void {
  let watcher: FSWatcher;
  try {
    watcher = watch(path, note);
  } catch {
    const timer = setInterval(note, interval);
    return () => clearInterval(timer);
  }
  // A folder that is removed with its log must not take the engine along.
  watcher.on('error', note);
  return () => watcher.close();
}

/** Watches a log until `end` resolves or `signal` is aborted. */
export function watchChanges(path: string, end: Promise<unknown>, signal: AbortSignal): ChangeWatch {
  let over = false;
  let changed = true;
  let wake = () => {};
  const note = () => {
    changed = true;
    wake();
  };
  let stop = onChange(path, note);
  signal.addEventListener('abort', note, { once: true });
  const finish = () => {
    over = true;
    note();
  };
  end.then(finish, finish);
  return {
    over: () => over,
    async next() {
      if (!changed && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      changed = false;
    },
    move() {
      stop();
      stop = onChange(path, note);
      note();
    },
    close() {
      stop();
      signal.removeEventListener('abort', note);
    },
  };
}
