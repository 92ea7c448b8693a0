import { closeSync, constants, openSync } from 'node:fs';
import { libc, throwErrno } from './libc.ts';

/** For x86 and Arm, as for nearly all. */
const FIONREAD = 0x541b;

/** How many bytes wait in a named pipe, none when it is not there: ioctl(2). Throws SystemCallFailed. */
export function unreadIn(path: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return 0;
  }
  try {
    const unread = [0];
    if (libc().ioctl(descriptor, FIONREAD, unread) === -1) throwErrno('ioctl');
    return unread[0] ?? 0;
  } finally {
    closeSync(descriptor);
  }
}
