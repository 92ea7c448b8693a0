import { createRequire } from 'node:module';
import { messageOf } from '../errors.ts';

/** A connected SOCK_SEQPACKET socket of the unix family, which node:net does not know. */
export interface PacketSocket {
  /** Starts or goes on to read. */
  resume(): void;
  /** Reads no further packet, not even one that has arrived. */
  pause(): void;
  /** Sends one packet; the callback comes when the kernel has taken it, and never after `closed`. */
  send(bytes: Buffer, offset: number, length: number, sent: () => void): void;
  /** Shuts down the sending half once everything is sent. */
  end(): void;
  close(): void;
}

export interface PacketListeners {
  packet(bytes: Buffer): void;
  /** The peer will send nothing more, or the connection failed. Comes at most once. */
  end(error?: Error): void;
}

type Addon = typeof import('node-unix-socket/js/addon.js');
let addon: Addon | undefined;

/** Larger than what a pipe holds, which is the most that the monitor reads at once: a longer packet would be cut. */
const largestPacket = 64 * 1024 + 1;

/**
 * Connects to a SOCK_SEQPACKET socket. The socket starts paused.
 *
 * The package has no way to stop reading, so that a slow reader would fill the memory. But a read of no bytes
 * returns at once and takes nothing away, and the package takes its result for the end of the stream and stops
 * polling: with a read buffer of no bytes, that "end" is our pause. This is why its inner class is used.
 */
export function connectPackets(path: string, listeners: PacketListeners): PacketSocket {
  addon ??= createRequire(import.meta.url)('node-unix-socket/js/addon.js') as Addon;
  let state: 'paused' | 'pausing' | 'reading' | 'ended' = 'paused';
  let closed = false;
  const finish = (error?: Error) => {
    if (state === 'ended') return;
    state = 'ended';
    listeners.end(error);
  };
  // An exception that leaves `emit` would abort the whole process.
  const emit = (event: string, value?: unknown) => {
    try {
      if (event === '_data') listeners.packet(value as Buffer);
      else if (event === 'end' && state === 'pausing') state = 'paused';
      else if (event === 'end') finish();
      else if (event === '_error') finish(value instanceof Error ? value : new Error(messageOf(value)));
    } catch (error) {
      finish(error instanceof Error ? error : new Error(messageOf(error)));
    }
  };
  const wrap = new addon.SeqpacketSocketWrap({ emit });
  wrap.init(wrap);
  try {
    wrap.connect(path);
  } catch (error) {
    wrap.close();
    throw error;
  }
  return {
    resume() {
      if (closed || state === 'reading' || state === 'ended') return;
      state = 'reading';
      wrap.setReadBufSize(largestPacket);
      wrap.startRecv();
    },
    pause() {
      if (closed || state !== 'reading') return;
      state = 'pausing';
      wrap.setReadBufSize(0);
    },
    send: (bytes, offset, length, sent) => wrap.write(bytes, offset, length, sent),
    end() {
      if (!closed) wrap.shutdownWhenFlushed();
    },
    close() {
      if (closed) return;
      closed = true;
      state = 'ended';
      wrap.close();
    },
  };
}
