import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { connectPackets, type PacketListeners } from '../kernel/seqpacket.ts';

/** What a container is to read. */
export interface ConsoleInput {
  /** Resolves when more may be written. What the container can no longer read is dropped. */
  write(bytes: Buffer): Promise<void>;
  /** The container reads the end of its input, if it was created with `stdinOnce`. */
  endInput(): void;
  /** Means the same as the end, unless that came before. */
  close(): void;
}

/** The two ends of a container's standard streams: what it prints comes in, what it is to read goes out. */
export interface Console extends ConsoleInput {
  /** Hands over everything that is printed from now on; nothing is read before this is called. */
  onData(listener: (stream: 1 | 2, bytes: Buffer) => void): void;
  /** Lets the container wait with its output. */
  pause(): void;
  resume(): void;
  /** All output has been delivered and the container is gone, or `close` was called. */
  readonly closed: Promise<void>;
}

/** First byte of a packet from the monitor. */
const streamNumbers: Record<number, 1 | 2 | undefined> = { 2: 1, 3: 2 };

/** The most that the monitor reads at once; the rest of a longer packet would be lost. */
const largestInput = 32 * 1024;

/** Connects to the attach socket that the monitor of the container or exec in `bundle` listens on. */
export function attachConsole(bundle: string): Promise<Console> {
  return connect(bundle, false);
}

/** Connects for input alone: the monitor sends no output this way, and waits for nobody to take it. */
export function attachInput(bundle: string): Promise<ConsoleInput> {
  return connect(bundle, true);
}

async function connect(bundle: string, deaf: boolean): Promise<Console> {
  // The path may be longer than the 107 bytes of a socket's address: it is named by a descriptor of its folder.
  const folder = await open(bundle, 'r');
  try {
    return createConsole(folder, deaf);
  } finally {
    await folder.close();
  }
}

function createConsole(folder: FileHandle, deaf: boolean): Console {
  let listener: ((stream: 1 | 2, bytes: Buffer) => void) | undefined;
  let over = false;
  let inputGone = false;
  let lastWrite = Promise.resolve();
  const waitingWrites = new Set<() => void>();
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>();

  const releaseWrites = () => {
    for (const release of waitingWrites) release();
    waitingWrites.clear();
  };
  const finish = () => {
    if (over) return;
    over = true;
    socket.close();
    releaseWrites();
    resolveClosed();
  };
  const listeners: PacketListeners = {
    packet(bytes) {
      const stream = streamNumbers[bytes[0] ?? 0];
      if (!stream || !listener) return;
      listener(stream, bytes.subarray(1));
    },
    end: () => finish(),
    broken() {
      inputGone = true;
      releaseWrites();
    },
  };
  const socket = connectPackets(join(`/proc/self/fd/${folder.fd}`, 'attach'), listeners, deaf);
  const sendPacket = (bytes: Buffer) =>
    new Promise<void>((resolve) => {
      waitingWrites.add(resolve);
      socket.send(bytes, () => {
        waitingWrites.delete(resolve);
        resolve();
      });
    });

  const sendAll = async (bytes: Buffer) => {
    for (let at = 0; at < bytes.length && !over && !inputGone; at += largestInput) {
      await sendPacket(bytes.subarray(at, at + largestInput));
    }
  };

  return {
    onData(newListener) {
      listener = newListener;
      if (!over) socket.resume();
    },
    pause: () => socket.pause(),
    resume() {
      if (listener && !over) socket.resume();
    },
    write(bytes) {
      lastWrite = lastWrite.then(() => sendAll(bytes));
      return lastWrite;
    },
    endInput() {
      // What was written before, in as many packets as it takes, goes first.
      lastWrite = lastWrite.then(() => {
        if (over || inputGone) return;
        inputGone = true;
        socket.end();
      });
    },
    close: finish,
    closed,
  };
}
