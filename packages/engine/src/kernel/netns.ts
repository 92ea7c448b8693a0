import { closeSync, openSync } from 'node:fs';
import { libc, throwErrno } from './libc.ts';
import { SOCK_CLOEXEC } from './socket.ts';

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const types = { stream: 1, datagram: 2 } as const;

let home: number | undefined;

/** A descriptor of the network namespace that this process began in, open for as long as it lives. */
function homeNetwork(): number {
  home ??= openSync('/proc/self/ns/net', 'r');
  return home;
}

/**
 * Path of the network namespace that this process began in, for other programs. Its process ID would not do: what
 * that leads to is another one while the thread is away in insideNetwork().
 */
export function homeNetworkPath(): string {
  return `/proc/${process.pid}/fd/${homeNetwork()}`;
}

/**
 * Does something in another network namespace: sockets that it opens, programs that it starts and settings in
 * /proc/sys/net belong to that one. Nothing in it may be waited for, as the thread is back when this returns.
 * setns(2). Throws SystemCallFailed, and what `work` throws.
 */
export function insideNetwork<T>(path: string, work: () => T): T {
  const back = homeNetwork();
  enter(path);
  try {
    return work();
  } finally {
    // An engine that stayed in a container's network must not go on.
    if (libc().setns(back, CLONE_NEWNET) === -1) process.abort();
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
