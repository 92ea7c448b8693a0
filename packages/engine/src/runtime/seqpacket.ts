import { createRequire } from 'node:module';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';

/** A connected SOCK_SEQPACKET socket of the unix family, which node:net does not know. */
export interface PacketSocket {
  /** Starts or goes on to read. */
  resume(): void;
  /** Reads no further packet, not even one that has arrived. */
  pause(): void;
  /** Sends one packet; the callback comes when the kernel has taken it, if it does. */
  send(bytes: Buffer, offset: number, length: number, sent: () => void): void;
  /** Shuts down the sending half once everything is sent. */
  end(): void;
  close(): void;
}

export interface PacketListeners {
  packet(bytes: Buffer): void;
  /** The peer will send nothing more. Comes at most once. */
  end(): void;
  /** Nothing more can be sent; what the peer has sent before is still to come. May come more than once. */
  broken(): void;
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
  let state: 'reading' | 'pausing' | 'paused' | 'ended' = 'pausing';
  let closed = false;
  const finish = () => {
    if (state === 'ended') return;
    state = 'ended';
    listeners.end();
  };
  let isBroken = false;
  // A peer that goes while packets of ours are unread leaves an error behind its own last packets. libuv stops
  // polling because of it, until it is fetched by trying to send: then what is left can be read.
  const recover = () => {
    if (closed || state === 'ended') return;
    if (!isBroken) wrap.write(Buffer.alloc(0), 0, 0);
    isBroken = true;
    if (state !== 'paused') wrap.startRecv();
  };
  // An exception that leaves `emit` would abort the whole process.
  const emit = (event: string, value?: unknown) => {
    try {
      if (event === '_data') listeners.packet(value as Buffer);
      else if (event === 'end' && state === 'pausing') state = 'paused';
      else if (event === 'end') finish();
      else if (event === '_error') {
        setImmediate(recover);
        listeners.broken();
      }
    } catch (error) {
      log.error(`a packet could not be handled: ${messageOf(error)}`);
    }
  };
  const wrap = new addon.SeqpacketSocketWrap({ emit });
  wrap.init(wrap);
  try {
    wrap.connect(path);
    // Polls for reading from the start: left alone, the package would report again and again that it is connected.
    wrap.setReadBufSize(0);
    wrap.startRecv();
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
