import type { Duplex } from 'node:stream';
import type { Console } from '../runtime/console.ts';
import { createDetachFilter } from './detach.ts';
import { createClientOutput } from './output.ts';

/** A client on the standard streams of a container or exec. */
export interface HubClient {
  socket: Duplex;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** The keys that let go of a terminal. */
  detachKeys: Buffer;
}

/** Why a client is not served any longer. */
export type HubEnding = 'over' | 'detached' | 'left';

/** The one console of a container or exec, shared by all clients that are attached to it. */
export interface ConsoleHub {
  /** How many clients are attached, waiting ones counted. */
  readonly clients: number;
  /** Serves a client until the console closes, its keys are typed, its input ends for good, or it leaves. */
  serve(client: HubClient): Promise<HubEnding>;
  /** Opens the console unless it is open. */
  open(connect: () => Promise<Console>): Promise<void>;
  /** Lets the container wait with its output while `work` is done. */
  hold(work: () => Promise<void>): Promise<void>;
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

/** Makes the hub of a container or exec that runs, or will run. */
export function createConsoleHub({ tty, inputEnds }: HubOptions): ConsoleHub {
  const members = new Set<Member>();
  const stalled = new Set<Member>();
  let console: Console | null = null;
  let opening: Promise<void> | null = null;
  let holds = 0;
  let inputOver = false;

  const regulate = () => {
    if (stalled.size > 0 || holds > 0) console?.pause();
    else console?.resume();
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
    const output = createClientOutput(socket, !tty, () => {
      if (stalled.delete(member)) regulate();
    });
    const keys = tty ? createDetachFilter(client.detachKeys) : null;
    let detaching = false;
    const type = async (bytes: Buffer) => {
      const { input, detached } = keys?.feed(bytes) ?? { input: bytes, detached: false };
      detaching ||= detached;
      socket.pause();
      if (input.length > 0) await console?.write(input);
      if (detached) member.end('detached');
      else socket.resume();
    };
    // What comes last may tell of its end before what came before is written.
    let typed: Promise<void> = Promise.resolve();
    const afterInput = (then: () => void) => () => void typed.then(then);
    const onData = (bytes: Buffer) => {
      if (client.stdin && !detaching) typed = type(bytes);
    };
    // A client that does not give input ends its half at once: that says nothing.
    const onEnd = afterInput(() => {
      if (!client.stdin) return;
      if (inputEnds) endInput();
      if (!inputEnds || !(client.stdout || client.stderr)) member.end('over');
    });
    const onClose = afterInput(() => member.end('left'));
    const member: Member = {
      client,
      take(stream, bytes) {
        if (!(stream === 1 ? client.stdout : client.stderr)) return;
        output.write(stream, bytes);
        if (output.isFull() && !stalled.has(member)) {
          stalled.add(member);
          regulate();
        }
      },
      startInput() {
        // A socket tells at once of an end that nothing came before, whether anybody listens or not.
        if (socket.readableEnded) return onEnd();
        socket.on('data', onData);
        socket.on('end', onEnd);
        // A client that has nothing to say may have ended its half before there was a console.
        if (socket.readableEnded) onEnd();
        else socket.resume();
      },
      end(ending) {
        if (!members.delete(member)) return;
        socket.off('data', onData);
        socket.off('end', onEnd);
        socket.off('close', onClose);
        if (stalled.delete(member)) regulate();
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
    async hold(work) {
      holds += 1;
      regulate();
      try {
        await work();
      } finally {
        holds -= 1;
        regulate();
      }
    },
    dropStalled() {
      for (const member of [...stalled]) {
        member.client.socket.destroy();
        member.end('left');
      }
    },
    finish,
  };
}
