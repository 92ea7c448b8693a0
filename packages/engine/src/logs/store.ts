import { EngineError, messageOf } from '../errors.ts';
import type { Delivery } from './destination.ts';
import { createJournal, type Journal } from './journal.ts';
import type { LogLimits } from './limits.ts';
import { type LogReading, openReading, type ReadOptions, readLog } from './read.ts';
import { type LogWriter, type Rotation, startRotation } from './rotation.ts';
import type { Shipment } from './shipment.ts';
import { type Shipping, startShipping } from './shipping.ts';

/** A log, and what of it is kept; null: all. */
export interface LogName {
  id: string;
  limits: LogLimits | null;
  /** Null: it stays here. */
  shipment: Shipment | null;
}

/** The logs of containers. */
export interface LogStore {
  /** The file that the monitor of a container writes. */
  path(id: string): string;
  /** To be called before a container starts: rejects in dockerd's words when its log cannot be sent where it is to go. */
  prepare(log: LogName): Promise<void>;
  /** It does not start. */
  abandon(id: string): void;
  /** Keeps the log of a container that runs within its limits, and sends it where it is to go, until `settle`. */
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
  const deliveries = new Map<string, Delivery>();
  const shippings = new Map<string, Shipping>();
  const journalOf = ({ id, limits }: LogName): Journal => {
    const known = journals.get(id) ?? createJournal(path(id), limits !== null);
    journals.set(id, known);
    return known;
  };
  const ship = (log: LogName): Shipping | null => {
    if (!log.shipment) return null;
    // It may still be busy with what came before, and writes down how much of that was sent.
    const last = shippings.get(log.id);
    last?.leave();
    const delivery = deliveries.get(log.id) ?? null;
    const shipping = startShipping(journalOf(log), log.shipment, delivery, last?.done);
    deliveries.delete(log.id);
    shippings.set(log.id, shipping);
    void shipping.done.then(() => {
      if (shippings.get(log.id) === shipping) shippings.delete(log.id);
    });
    return shipping;
  };
  const close = (id: string) => {
    deliveries.get(id)?.close();
    deliveries.delete(id);
  };
  return {
    path,
    async prepare({ id, shipment }) {
      close(id);
      try {
        if (shipment) deliveries.set(id, await (await shipment.destination()).open());
      } catch (error) {
        throw new EngineError('internal', `failed to initialize logging driver: ${messageOf(error)}`);
      }
    },
    abandon: close,
    keep(log) {
      ship(log);
      if (!log.limits || rotations.has(log.id)) return;
      rotations.set(log.id, startRotation(journalOf(log), log.limits, writer(log.id)));
    },
    async settle(log) {
      if (log.shipment) await (shippings.get(log.id) ?? ship(log))?.settle();
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
      close(id);
    },
    close() {
      for (const rotation of rotations.values()) rotation.leave();
      rotations.clear();
      for (const shipping of shippings.values()) shipping.leave();
      shippings.clear();
      for (const delivery of deliveries.values()) delivery.close();
      deliveries.clear();
    },
  };
}
