import type { Duplex } from 'node:stream';
import { copyOutput, type Outputs } from './copy.ts';
import { createDetachWatcher, defaultDetachKeys, parseDetachKeys } from './detach-keys.ts';
import { makeRaw } from './raw.ts';
import type { Streams } from './streams.ts';

export interface SessionOptions {
  /** The connection to the container's streams. */
  connection: Duplex;
  streams: Streams;
  /** Whether the container has a terminal. */
  terminal: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  detachKeys: string;
}

/** How a session came to its end: the container's streams ended, or the user typed the detach keys. */
export type SessionEnd = 'ended' | 'detached';

export interface Session {
  readonly end: Promise<SessionEnd>;
  /** Ends it from this side and puts the terminal back. */
  stop(): void;
}

/**
 * Connects this process's streams with a container's. A terminal is in raw mode meanwhile, and in its old mode
 * again on every way out.
 */
export function startSession(options: SessionOptions): Session {
  const { connection, streams } = options;
  const outputs: Outputs = {
    out: options.stdout ? streams.out : undefined,
    err: options.stderr ? streams.err : undefined,
  };
  const raw = options.terminal && options.stdin && streams.in.isTerminal;
  const restore = raw ? makeRaw(streams.in) : () => {};
  const detach = Promise.withResolvers<SessionEnd>();
  const stopInput = options.stdin
    ? sendInput(options, () => detach.resolve('detached'))
    : endInput(connection);
  // A container that leaves input unread resets the connection: an end like any other, told by its output.
  connection.on('error', () => undefined);
  const output = copyOutput(connection, options.terminal, outputs).then(
    (): SessionEnd => 'ended',
    (error: NodeJS.ErrnoException): SessionEnd => {
      if (error.code === 'ECONNRESET') return 'ended';
      throw error;
    },
  );
  const stop = () => {
    stopInput();
    restore();
  };
  const end = Promise.race([output, detach.promise]).finally(stop);
  // Whoever stops a session does not ask how it ended.
  end.catch(() => undefined);
  return {
    end,
    stop() {
      stop();
      connection.destroy();
    },
  };
}

function endInput(connection: Duplex): () => void {
  connection.end();
  return () => {};
}

/** Sends what comes in on standard input, and its end as a half-close. Returns how to stop. */
function sendInput(
  { connection, streams, terminal, detachKeys }: SessionOptions,
  detached: () => void,
): () => void {
  const input = streams.in.stream;
  const keys = parseDetachKeys(detachKeys || defaultDetachKeys) ?? parseDetachKeys(defaultDetachKeys) ?? [];
  const watch = terminal ? createDetachWatcher(keys) : null;
  const send = (bytes: Uint8Array) => {
    if (bytes.length > 0 && !connection.write(bytes)) input.pause();
  };
  const onData = (bytes: Uint8Array) => {
    if (!watch) return send(bytes);
    const typed = watch(bytes);
    send(typed.bytes);
    if (typed.detached) {
      stop();
      detached();
    }
  };
  const onDrain = () => input.resume();
  const onEnd = () => connection.end();
  const stop = () => {
    input.off('data', onData).off('end', onEnd).off('error', onEnd).pause();
    connection.off('drain', onDrain);
  };
  connection.on('error', stop);
  connection.on('drain', onDrain);
  input.on('data', onData).on('end', onEnd).on('error', onEnd).resume();
  return stop;
}
