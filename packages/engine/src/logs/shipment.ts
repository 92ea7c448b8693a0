import type { LogConfig } from '../config.ts';
import { chooseAttributes, type LogSubject } from './attributes.ts';
import type { Destination } from './destination.ts';
import { journalDestination } from './journald.ts';
import { bufferOf } from './limits.ts';
import { syslogDestination } from './syslog.ts';

/** That a log is sent elsewhere. */
export interface Shipment {
  /** Where to, with what is told of the container. Rejects in dockerd's words. */
  destination(): Promise<Destination>;
  /** The bytes that may wait for a destination that is slow before more is thrown away; null: whatever the files hold. */
  buffer: number | null;
}

/** What is to be sent of the log of a container; null when it stays here. */
export function shipmentOf(config: LogConfig, subject: () => LogSubject): Shipment | null {
  const options = config.Config ?? {};
  const buffer = bufferOf(config);
  switch (config.Type) {
    case 'syslog':
      return { destination: async () => syslogDestination(options, subject()), buffer };
    case 'journald':
      return {
        destination: async () =>
          journalDestination(options, subject(), await chooseAttributes(options, subject())),
        buffer,
      };
    default:
      return null;
  }
}
