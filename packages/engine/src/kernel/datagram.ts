import { closeSync } from 'node:fs';
import { libc, throwErrno } from './libc.ts';
import { openSocket, unixAddress } from './socket.ts';

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** A connected SOCK_DGRAM socket of the unix family, which node:dgram does not know. */
export interface DatagramSocket {
  /** Hands a datagram to the kernel; false when the receiver has no room for it now. Throws SystemCallFailed. */
  send(bytes: Buffer): boolean;
  close(): void;
}

/** Connects to a datagram socket with a path. Throws SystemCallFailed. */
export function connectDatagrams(path: string): DatagramSocket {
  const c = libc();
  const descriptor = openSocket('datagram');
  const address = unixAddress(path);
  try {
    if (c.connect(descriptor, address, address.length) === -1) throwErrno('connect');
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return {
    send(bytes) {
      // To where it is connected: no address is given.
      const sent = c.sendto(descriptor, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, null, 0);
      if (sent !== -1) return true;
      try {
        return throwErrno('sendto');
      } catch (error) {
        if ((error as { code?: string }).code === 'EAGAIN') return false;
        throw error;
      }
    },
    close: () => closeSync(descriptor),
  };
}
