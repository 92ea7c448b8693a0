import { closeSync, openSync } from 'node:fs';
import { libc, throwErrno } from './libc.ts';
import { SOCK_CLOEXEC } from './socket.ts';

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const types = { stream: 1, datagram: 2 } as const;

/**
 * Does something in another network namespace: sockets that it opens, programs that it starts and settings in
 * /proc/sys/net belong to that one. Nothing in it may be waited for, as the thread is back when this returns.
 * setns(2). Throws SystemCallFailed, and what `work` throws.
 */
export function insideNetwork<T>(path: string, work: () => T): T {
  const home = openSync('/proc/self/ns/net', 'r');
  try {
    enter(path);
    try {
      return work();
    } finally {
      // An engine that stayed in a container's network must not go on.
      if (libc().setns(home, CLONE_NEWNET) === -1) process.abort();
    }
  } finally {
    closeSync(home);
  }
}

function enter(path: string): void {
  const target = openSync(path, 'r');
  try {
    if (libc().setns(target, CLONE_NEWNET) === -1) throwErrno('setns');
  } finally {
    closeSync(target);
  }
}

/**
 * Opens a socket of IPv4 with an address and any free port, for Node to take over, and returns its descriptor.
 * Throws SystemCallFailed.
 */
export function openBoundSocket(type: keyof typeof types, address: string): number {
  const descriptor = libc().socket(AF_INET, types[type] | SOCK_CLOEXEC, 0);
  if (descriptor === -1) throwErrno('socket');
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET);
  bytes.set(address.split('.').map(Number), 4);
  if (libc().bind(descriptor, bytes, bytes.length) === -1) {
    try {
      throwErrno('bind');
    } finally {
      closeSync(descriptor);
    }
  }
  return descriptor;
}
