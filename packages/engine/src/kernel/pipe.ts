import { closeSync, constants, openSync } from 'node:fs';
import { libc, throwErrno } from './libc.ts';

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
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

/**
 * Opens a pipe that no program inherits by itself: pipe2(2). Both ends have numbers from `first` on, so that none is in
 * the way of a child's descriptors. Throws SystemCallFailed.
 */
export function openPipe(first: number): { readEnd: number; writeEnd: number } {
  const ends = [0, 0];
  if (libc().pipe2(ends, O_CLOEXEC) === -1) throwErrno('pipe2');
  const [readEnd = -1, writeEnd = -1] = ends;
  if (Math.min(readEnd, writeEnd) >= first) return { readEnd, writeEnd };
  try {
    return openPipe(first);
  } finally {
    closeSync(readEnd);
    closeSync(writeEnd);
  }
}

/** Has a pipe hold as many bytes as this, unless the user already has as much in pipes as he may: fcntl(2). */
export function widenPipe(descriptor: number, bytes: number): void {
  libc().fcntl(descriptor, F_SETPIPE_SZ, bytes);
}
