import { libc, throwErrno } from './libc.ts';

const AF_UNIX = 1;
/** For x86 and Arm, as for nearly all. */
const types = { stream: 1, datagram: 2, seqpacket: 5 } as const;
const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

/** Opens a socket of the unix family that does not block, and returns its descriptor. Throws SystemCallFailed. */
export function openSocket(type: keyof typeof types): number {
  const descriptor = libc().socket(AF_UNIX, types[type] | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor === -1) throwErrno('socket');
  return descriptor;
}

/**
 * The address of a socket with a path, or with a name that begins with a zero byte and has no file: unix(7). The
 * kernel refuses one of more than 110 bytes.
 */
export function unixAddress(path: string): Buffer {
  const name = Buffer.from(path.startsWith('\0') ? path : `${path}\0`);
  const address = Buffer.alloc(2 + name.length);
  address.writeUInt16LE(AF_UNIX);
  name.copy(address, 2);
  return address;
}
