import { closeSync, openSync } from 'node:fs';
import { libc, throwErrno } from './libc.ts';
import { SOCK_CLOEXEC } from './socket.ts';

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const kinds = {
  tcp: { type: 1, protocol: 6 },
  udp: { type: 2, protocol: 17 },
  sctp: { type: 1, protocol: 132 },
} as const;

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
    comeHome(back);
  }
}

/**
 * Makes a network namespace, does something in it as above, and returns a path that leads to it as long as this process
 * lives. unshare(2). Throws SystemCallFailed, and what `work` throws.
 */
export function makeNetwork(work: () => void): string {
  const back = homeNetwork();
  if (libc().unshare(CLONE_NEWNET) === -1) throwErrno('unshare');
  try {
    work();
    return `/proc/${process.pid}/fd/${openSync('/proc/self/ns/net', 'r')}`;
  } finally {
    comeHome(back);
  }
}

function comeHome(home: number): void {
  // An engine that stayed in another network must not go on.
  if (libc().setns(home, CLONE_NEWNET) === -1) process.abort();
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
 * Opens a socket of IPv4 with an address and a port, any free one when none is named, for Node to take over or to
 * hold it, and returns its descriptor. Throws SystemCallFailed, with EPROTONOSUPPORT for what the kernel cannot speak.
 */
export function openBoundSocket(kind: keyof typeof kinds, address: string, port = 0): number {
  const { type, protocol } = kinds[kind];
  const descriptor = libc().socket(AF_INET, type | SOCK_CLOEXEC, protocol);
  if (descriptor === -1) throwErrno('socket');
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET);
  bytes.writeUInt16BE(port, 2);
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
