import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { libc, throwErrno } from './libc.ts';
import { openWithQueue } from './queues.ts';
import { openSocket, SOCK_CLOEXEC, unixAddress } from './socket.ts';

/** A connected SOCK_SEQPACKET socket of the unix family, which node:net does not know. */
export interface PacketSocket {
  /** Starts or goes on to read. */
  resume(): void;
  /** Reads no further packet, not even one that has arrived. */
  pause(): void;
  /** Sends one packet; the callback comes when the kernel has taken it, or never will. */
  send(bytes: Buffer, sent: () => void): void;
  /** Shuts down the sending half once everything is sent. */
  end(): void;
  close(): void;
}

export interface PacketListeners {
  packet(bytes: Buffer): void;
  /** The peer will send nothing more. Comes at most once. */
  end(): void;
  /** Nothing more can be sent; what the peer has sent before is still to come. Comes at most once. */
  broken(): void;
}

const MSG_DONTWAIT = 0x40;
const SHUT_RD = 0;

/** What the monitor sends at once is at most what it reads at once from a pipe, and a byte in front of it. */
const largestPacket = 64 * 1024 + 1;

/**
 * Connects to a SOCK_SEQPACKET socket. The socket starts paused. One that is `deaf` only sends: its peer is told by
 * an error that nothing it says arrives, and need not wait for anybody to read it. Throws SystemCallFailed.
 */
export function connectPackets(path: string, listeners: PacketListeners, deaf = false): PacketSocket {
  const c = libc();
  const descriptor = openWithQueue(() => openSocket('seqpacket'));
  try {
    const address = unixAddress(path);
    if (c.connect(descriptor, address, address.length) === -1) throwErrno('connect');
    if (deaf && c.shutdown(descriptor, SHUT_RD) === -1) throwErrno('shutdown');
    return adoptPackets(descriptor, listeners);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/**
 * Takes over a connected socket that does not block; `close` closes it.
 *
 * Node and libuv read and write any descriptor that polls, one packet at a time, but look at what it is when they
 * take it. So they are shown a stream socket, and what is behind its number is replaced before it is used.
 */
export function adoptPackets(descriptor: number, listeners: PacketListeners): PacketSocket {
  const c = libc();
  const shown = openSocket('stream');
  let wanted = false;
  let isBroken = false;
  let isOver = false;
  let isClosed = false;
  let lastSent = Promise.resolve();
  const finish = () => {
    if (isOver) return;
    isOver = true;
    listeners.end();
  };
  const keep = createKeeper();
  const socket = new Socket({
    fd: shown,
    readable: true,
    writable: true,
    allowHalfOpen: true,
    onread: {
      buffer: Buffer.alloc(largestPacket),
      callback(length, bytes) {
        listeners.packet(keep(bytes, length));
        return true;
      },
    },
  });
  socket.pause();
  if (c.dup3(descriptor, shown, SOCK_CLOEXEC) === -1) throwErrno('dup3');

  // A peer that goes while packets of ours are unread leaves an error behind its own last packets. Node gives up on
  // it; what is left, no more than a socket holds, is read from our own descriptor.
  const drain = () => {
    const bytes = Buffer.alloc(largestPacket);
    while (wanted && !isOver) {
      const length = c.recv(descriptor, bytes, bytes.length, MSG_DONTWAIT);
      if (length <= 0) finish();
      else listeners.packet(keep(bytes, length));
    }
  };
  socket.on('end', finish);
  socket.on('error', () => {
    if (isOver) return;
    isBroken = true;
    listeners.broken();
    drain();
  });
  return {
    resume() {
      wanted = true;
      if (isBroken) drain();
      else socket.resume();
    },
    pause() {
      wanted = false;
      socket.pause();
    },
    send(bytes, sent) {
      // Of what waits together Node would make one packet.
      lastSent = lastSent.then(() => new Promise((resolve) => socket.write(bytes, () => resolve())));
      lastSent.then(sent);
    },
    end: () => void lastSent.then(() => socket.end()),
    close() {
      if (isClosed) return;
      isClosed = true;
      isOver = true;
      socket.destroy();
      closeSync(descriptor);
    },
  };
}

/** How many bytes are kept in one piece of memory: to get one for every packet costs more than to fill it. */
const pieceSize = 256 * 1024;

/** Returns a function that copies the beginning of a buffer which is about to be used again. */
function createKeeper(): (bytes: Uint8Array, length: number) => Buffer {
  let piece = Buffer.alloc(0);
  return (bytes, length) => {
    if (piece.length < length) piece = Buffer.allocUnsafeSlow(Math.max(pieceSize, length));
    const copy = piece.subarray(0, length);
    copy.set(bytes.subarray(0, length));
    piece = piece.subarray(length);
    return copy;
  };
}
