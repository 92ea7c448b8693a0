import { createJournal, type Journal } from './journal.ts';
import type { LogLimits } from './limits.ts';
import { type LogReading, openReading, type ReadOptions, readLog } from './read.ts';
import { type LogWriter, type Rotation, startRotation } from './rotation.ts';

/** A log, and what of it is kept; null: all. */
export interface LogName {
  id: string;
  limits: LogLimits | null;
}

/** The logs of containers. */
export interface LogStore {
  /** The file that the monitor of a container writes. */
  path(id: string): string;
  /** Keeps the log of a container that runs within its limits, until `settle`. */
  keep(log: LogName): void;
  /** To be called when a container's monitor writes no more: then all that it wrote is found by those who read. */
  settle(log: LogName): Promise<void>;
  /** Opens a log now. Fails when a file of it cannot be read. */
  open(log: LogName, options: ReadOptions): Promise<LogReading>;
  /** Reads a log, which is opened with the first block. */
  read(log: LogName, options: ReadOptions): AsyncGenerator<Buffer>;
  /** Lets go of a log that is removed. */
  forget(id: string): void;
  /** Keeps no log within its limits any longer. */
  close(): void;
}

/** Makes the store; `writer` is the monitor of a container. */
export function createLogStore(path: (id: string) => string, writer: (id: string) => LogWriter): LogStore {
  const journals = new Map<string, Journal>();
  const rotations = new Map<string, Rotation>();
  const journalOf = ({ id, limits }: LogName): Journal => {
    const known = journals.get(id) ?? createJournal(path(id), limits !== null);
    journals.set(id, known);
    return known;
  };
  return {
    path,
    keep(log) {
      if (!log.limits || rotations.has(log.id)) return;
      rotations.set(log.id, startRotation(journalOf(log), log.limits, writer(log.id)));
    },
    async settle(log) {
      if (!log.limits) return;
      // Without one, an engine before this one may have left something half done.
      const rotation = rotations.get(log.id) ?? startRotation(journalOf(log), log.limits, writer(log.id));
      rotations.delete(log.id);
      await rotation.settle();
    },
    open: (log, options) => openReading(journalOf(log), options),
    read: (log, options) => readLog(journalOf(log), options),
    forget(id) {
      journals.delete(id);
    },
    close() {
      for (const rotation of rotations.values()) rotation.leave();
      rotations.clear();
    },
  };
}
