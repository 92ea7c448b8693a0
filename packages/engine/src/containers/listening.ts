import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { LogReading } from '../logs/read.ts';
import type { ConsoleInput } from '../runtime/console.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import type { Seat } from './audience.ts';
import type { Context } from './context.ts';
import type { HubClient, HubEnding } from './hub.ts';
import { logOf } from './logrequest.ts';
import { createTyping } from './typing.ts';

/** A client that is attached, and what it wants to see. */
export interface Listener extends Omit<HubClient, 'socket'> {
  /** What is printed from now on. */
  stream: boolean;
  /** What was printed until now. */
  logs: boolean;
}

/**
 * Serves a client from a container's log, from the moment on in which `begin` hands over its connection, and gives
 * the container what it types. Nobody waits for one that does not read, and nothing is kept for it but the log.
 */
export async function serveFromLog(
  context: Context,
  record: ContainerRecord,
  client: Listener,
  begin: () => Duplex,
): Promise<HubEnding> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const silence = client.stream ? context.live(record).silences.wait(signal) : null;
  silence?.catch(() => undefined);
  const form = {
    ...{ stdout: client.stdout, stderr: client.stderr, timestamps: false, details: null },
    frames: client.frames ? ('joined' as const) : null,
    ...{ since: null, until: null },
  };
  // Opened before the client knows that it is attached: what it starts then cannot be missed.
  const reading = await context.logs.open(logOf(record), {
    ...{ form, follow: silence, signal },
    tail: client.logs ? null : 0,
  });
  let input: Input | null = null;
  const seat = context.live(record).audience.enter();
  try {
    const socket = begin();
    const { promise: ended, resolve: end } = Promise.withResolvers<HubEnding>();
    input = client.stream ? takeInput(context, record, { ...client, socket }, signal, end) : null;
    // What was typed last comes first, also when its client is gone.
    const left = () => (input ? input.after(() => end('left')) : end('left'));
    socket.on('error', left);
    socket.on('close', left);
    if (socket.destroyed) left();
    const shown = show(reading, socket, seat, signal).then(() => 'over' as const);
    shown.catch(() => undefined);
    const ending = await Promise.race([shown, ended]);
    leaving.abort();
    await shown.catch(() => undefined);
    return ending;
  } finally {
    seat.leave();
    leaving.abort();
    input?.stop();
    await reading.close();
  }
}

/** Sends a log to its end, as fast as it is taken. */
async function show(reading: LogReading, socket: Duplex, seat: Seat, signal: AbortSignal): Promise<void> {
  try {
    for await (const block of reading.blocks()) {
      if (socket.write(block)) continue;
      seat.hold(true);
      await once(socket, 'drain', { signal });
      seat.hold(false);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

interface Input {
  after(then: () => void): void;
  stop(): void;
}

/** Gives a container what a client types, as soon as it runs. */
function takeInput(
  context: Context,
  record: ContainerRecord,
  client: HubClient,
  signal: AbortSignal,
  end: (ending: HubEnding) => void,
): Input {
  const { Tty, StdinOnce } = record.config;
  const inputEnds = StdinOnce && !Tty;
  let input: ConsoleInput | null = null;
  const typing = createTyping(client.socket, Tty && client.stdin ? client.detachKeys : null, {
    write: async (bytes) => input?.write(bytes),
    onDetach: () => end('detached'),
    // A client that does not give input ends its half at once: that says nothing.
    onEnd() {
      if (!client.stdin) return;
      if (inputEnds) input?.endInput();
      if (!inputEnds || !(client.stdout || client.stderr)) end('over');
    },
  });
  const open = async () => {
    if (!client.stdin) return typing.start();
    const { runtime, store } = context;
    if (!isRunning(store.get(record.id) ?? record)) await context.live(record).starts.wait(signal);
    const opened = await runtime.attachInput(runtime.bundle(record.id));
    if (signal.aborted) return opened.close();
    input = opened;
    typing.start();
  };
  // One that is gone before anything could be typed has an end, which is told elsewhere.
  open().catch(() => undefined);
  return {
    after: typing.after,
    stop() {
      typing.stop();
      input?.close();
    },
  };
}
