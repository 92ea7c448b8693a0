import { isLogged, log } from './log.ts';

/** Takes the time of what belongs to one piece of work. */
export interface Trace {
  /** Waits for a part of the work, of which several may be under way at once. */
  part<T>(name: string, work: Promise<T>): Promise<T>;
  /** Writes the parts with their milliseconds into the log, with what tells this piece of work from others. */
  end(fields: Record<string, string>): void;
}

const silent: Trace = { part: (_, work) => work, end: () => undefined };

/** Begins a trace. It is told at the log level `debug`; at any other it does and costs nothing. */
export function beginTrace(what: string): Trace {
  if (!isLogged('debug')) return silent;
  const begin = performance.now();
  const parts: Record<string, number> = {};
  return {
    async part(name, work) {
      const from = performance.now();
      try {
        return await work;
      } finally {
        parts[name] = since(from);
      }
    },
    end: (fields) => log.debug(what, { ...fields, ...parts, total: since(begin) }),
  };
}

/** Milliseconds with two decimals. */
function since(from: number): number {
  return Math.round((performance.now() - from) * 100) / 100;
}
