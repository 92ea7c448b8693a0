import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { libc, throwErrno } from '../kernel/libc.ts';
import { openSocket, unixAddress } from '../kernel/socket.ts';
import type { LogSubject } from './attributes.ts';
import type { LogMessage } from './message.ts';

export const subject: LogSubject = {
  ...{ id: 'abcdef0123456789'.repeat(4), name: 'web', imageId: 'sha256:1', imageName: 'busybox' },
  ...{
    command: 'true',
    hostname: 'host',
    labels: { color: 'blue', '_odd.name': 'x' },
    env: ['A=1', 'B=2\n3'],
  },
};

/** A message as the log has it. */
export const message = (text: string, more: Partial<LogMessage> = {}): LogMessage => ({
  ...{ isError: false, time: '2026-11-05T07:43:37.279072476', text: Buffer.from(text), part: null },
  ...{ next: { time: '2026-11-05T07:43:37.279072476', count: 1 }, ...more },
});

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(2);
}

/** Keeps what connections bring. */
export function createCollector() {
  const connections = new Set<Socket>();
  let text = '';
  return {
    text: () => text,
    take(socket: Socket) {
      connections.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        text += bytes.toString();
      });
    },
    /** Breaks all connections off. */
    hangUp() {
      for (const socket of connections) socket.destroy();
      connections.clear();
    },
  };
}

/** Receives datagrams on a unix socket. */
export function receiveDatagrams(path: string) {
  const c = libc();
  const descriptor = openSocket('datagram');
  const address = unixAddress(path);
  if (c.bind(descriptor, address, address.length) === -1) throwErrno('bind');
  const buffer = Buffer.alloc(64 * 1024);
  return {
    async next(): Promise<Buffer> {
      for (;;) {
        const length = c.recv(descriptor, buffer, buffer.length, 0);
        if (length >= 0) return Buffer.from(buffer.subarray(0, length));
        await pause(2);
      }
    },
    close: () => closeSync(descriptor),
  };
}
