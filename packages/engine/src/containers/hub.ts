import type { Duplex } from 'node:stream';
import type { Console } from '../runtime/console.ts';
import { createClientOutput } from './output.ts';
import { createTyping } from './typing.ts';

/** A client on the standard streams of a container or exec. */
export interface HubClient {
  socket: Duplex;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** Whether what is printed comes in frames, which tell the streams apart. */
  frames: boolean;
  /** The keys that let go of a terminal. */
  detachKeys: Buffer;
}

/** Why a client is not served any longer. */
export type HubEnding = 'over' | 'detached' | 'left';

/**
 * The one console of an exec, or of a container that has no log, shared by all clients that are attached to it.
 * What nobody has taken is kept nowhere: the program waits for its slowest reader, but one that takes nothing while
 * others wait for it is let go of.
 */
export interface ConsoleHub {
  /** How many clients are attached, waiting ones counted. */
  readonly clients: number;
  /** Serves a client until the console closes, its keys are typed, its input ends for good, or it leaves. */
  serve(client: HubClient): Promise<HubEnding>;
  /** Opens the console unless it is open. */
  open(connect: () => Promise<Console>): Promise<void>;
  /** Lets go of clients that do not take their output, so that the container is not held up by them. */
  dropStalled(): void;
  /** Ends all clients: there is nothing more to come. */
  finish(): void;
}

interface Member {
  client: HubClient;
  take(stream: 1 | 2, bytes: Buffer): void;
  startInput(): void;
  end(ending: HubEnding): void;
}

export interface HubOptions {
  tty: boolean;
  /** The input ends for the container, too, when it ends for a client that gives it. */
  inputEnds: boolean;
}

/** How many milliseconds a client may need for what waits for it, a MiB at most, while others wait. */
export const patience = 10_000;

/** Makes the hub of a container or exec that runs, or will run. */
export function createConsoleHub({ tty, inputEnds }: HubOptions): ConsoleHub {
  const members = new Set<Member>();
  const stalled = new Map<Member, NodeJS.Timeout>();
  let console: Console | null = null;
  let opening: Promise<void> | null = null;
  let inputOver = false;

  const regulate = () => {
    if (stalled.size > 0) console?.pause();
    else console?.resume();
  };
  const unstall = (member: Member) => {
    clearTimeout(stalled.get(member));
    if (stalled.delete(member)) regulate();
  };
  const drop = (member: Member) => {
    member.client.socket.destroy();
    member.end('left');
  };
  const stall = (member: Member) => {
    if (stalled.has(member)) return;
    const timer = setTimeout(() => {
      // A client alone is waited for: it is the one that the program prints for.
      if (members.size > stalled.size) drop(member);
      else timer.refresh();
    }, patience);
    timer.unref();
    stalled.set(member, timer);
    regulate();
  };
  const endInput = () => {
    inputOver = true;
    console?.endInput();
  };
  const closeIfUnused = () => {
    // For the monitor, a console that closes is the end of the input.
    if (members.size > 0 || (inputEnds && !inputOver)) return;
    console?.close();
    console = null;
  };
  const finish = () => {
    for (const member of [...members]) member.end('over');
  };
  const adopt = (opened: Console) => {
    console = opened;
    opened.onData((stream, bytes) => {
      for (const member of members) member.take(stream, bytes);
    });
    regulate();
    for (const member of members) member.startInput();
    void opened.closed.then(() => {
      if (console !== opened) return;
      console = null;
      finish();
    });
  };

  const join = (client: HubClient, resolve: (ending: HubEnding) => void): Member => {
    const { socket } = client;
    const output = createClientOutput(socket, client.frames, () => unstall(member));
    const typing = createTyping(socket, tty && client.stdin ? client.detachKeys : null, {
      write: async (bytes) => {
        if (client.stdin) await console?.write(bytes);
      },
      onDetach: () => member.end('detached'),
      // A client that does not give input ends its half at once: that says nothing.
      onEnd() {
        if (!client.stdin) return;
        if (inputEnds) endInput();
        if (!inputEnds || !(client.stdout || client.stderr)) member.end('over');
      },
    });
    const onClose = () => typing.after(() => member.end('left'));
    const member: Member = {
      client,
      take(stream, bytes) {
        if (!(stream === 1 ? client.stdout : client.stderr)) return;
        output.write(stream, bytes);
        if (output.isFull()) stall(member);
      },
      startInput: typing.start,
      end(ending) {
        if (!members.delete(member)) return;
        typing.stop();
        socket.off('close', onClose);
        unstall(member);
        if (ending === 'left' && client.stdin && inputEnds) endInput();
        closeIfUnused();
        resolve(ending);
      },
    };
    socket.on('error', onClose);
    socket.on('close', onClose);
    return member;
  };

  return {
    get clients() {
      return members.size;
    },
    serve: (client) =>
      new Promise((resolve) => {
        if (client.socket.destroyed) return resolve('left');
        const member = join(client, resolve);
        members.add(member);
        if (console) member.startInput();
      }),
    async open(connect) {
      if (console) return;
      opening ??= connect()
        .then(adopt)
        .finally(() => {
          opening = null;
        });
      await opening;
    },
    dropStalled() {
      for (const member of [...stalled.keys()]) drop(member);
    },
    finish,
  };
}
