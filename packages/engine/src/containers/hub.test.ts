import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { createFrameDecoder } from '@davit/api';
import { afterEach, expect, test, vi } from 'vitest';
import type { Console } from '../runtime/console.ts';
import { defaultDetachKeys } from './detach.ts';
import { createConsoleHub, type HubClient, patience } from './hub.ts';

/** A console that is written down instead of being one. */
function fakeConsole(writing: Promise<void> = Promise.resolve()) {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let listener: (stream: 1 | 2, bytes: Buffer) => void = () => {};
  const seen = { input: '', inputEnded: false, paused: false, closed: false };
  const console: Console = {
    onData: (newListener) => {
      listener = newListener;
    },
    pause: () => {
      seen.paused = true;
    },
    resume: () => {
      seen.paused = false;
    },
    write: async (bytes) => {
      await writing;
      if (!seen.closed) seen.input += bytes.toString();
    },
    endInput: () => {
      seen.inputEnded = true;
    },
    close: () => {
      seen.closed = true;
      close();
    },
    closed,
  };
  const print = (stream: 1 | 2, text: string | Buffer) => listener(stream, Buffer.from(text));
  return { console, seen, print, end: close };
}

function client(part: Partial<HubClient> = {}): { near: HubClient; far: Duplex } {
  const [socket, far] = duplexPair();
  return {
    near: {
      ...{ socket, stdin: false, stdout: true, stderr: true, frames: true, detachKeys: defaultDetachKeys },
      ...part,
    },
    far,
  };
}

afterEach(() => vi.useRealTimers());

async function settle() {
  for (let turns = 0; turns < 10; turns++) await turn();
}

/** What arrives at a client in frames. */
function collect(far: Duplex): { stdout: string; stderr: string } {
  const got = { stdout: '', stderr: '' };
  const decode = createFrameDecoder((stream, bytes) => {
    got[stream === 1 ? 'stdout' : 'stderr'] += Buffer.from(bytes).toString();
  });
  far.on('data', decode);
  return got;
}

test('clients that came early get everything, each the streams it asked for', async () => {
  const hub = createConsoleHub({ tty: false, inputEnds: false });
  const { console, print, end } = fakeConsole();
  const both = client();
  const errors = client({ stdout: false });
  const served = [hub.serve(both.near), hub.serve(errors.near)];
  const all = collect(both.far);
  const some = collect(errors.far);
  await hub.open(async () => console);
  print(1, 'out');
  print(2, 'err');
  print(1, 'more');
  end();
  expect(await Promise.all(served)).toEqual(['over', 'over']);
  await settle();
  expect(all).toEqual({ stdout: 'outmore', stderr: 'err' });
  expect(some).toEqual({ stdout: '', stderr: 'err' });
  expect(hub.clients).toBe(0);
});

test('a terminal is not framed, and its keys let go of it', async () => {
  const hub = createConsoleHub({ tty: true, inputEnds: false });
  const { console, print, seen } = fakeConsole();
  const { near, far } = client({ stdin: true, frames: false });
  const served = hub.serve(near);
  await hub.open(async () => console);
  let screen = '';
  far.on('data', (bytes) => {
    screen += bytes;
  });
  print(1, 'login: ');
  far.write('root\x10');
  await settle();
  expect(screen).toBe('login: ');
  expect(seen.input).toBe('root');
  far.write('\x11ignored');
  expect(await served).toBe('detached');
  await settle();
  expect(seen).toMatchObject({ input: 'root', closed: true });
});

test('input that is given once ends for the container, and its output goes on', async () => {
  const hub = createConsoleHub({ tty: false, inputEnds: true });
  const { console, print, seen, end } = fakeConsole();
  const { near, far } = client({ stdin: true });
  const served = hub.serve(near);
  far.end('early input');
  await settle();
  await hub.open(async () => console);
  await settle();
  expect(seen).toMatchObject({ input: 'early input', inputEnded: true });
  const got = collect(far);
  print(1, 'answer');
  end();
  expect(await served).toBe('over');
  await settle();
  expect(got.stdout).toBe('answer');
});

test('input that ended before the console was open ends for the container, too', async () => {
  const hub = createConsoleHub({ tty: false, inputEnds: true });
  const { console, seen, end } = fakeConsole();
  const { near, far } = client({ stdin: true });
  const served = hub.serve(near);
  far.end();
  // As a socket of node:net does when its peer ends.
  near.socket.read(0);
  await settle();
  expect(near.socket.readableEnded).toBe(true);
  await hub.open(async () => console);
  expect(seen.inputEnded).toBe(true);
  end();
  expect(await served).toBe('over');
});

test('where input stays open, the end of a client’s input is the end of the client', async () => {
  const hub = createConsoleHub({ tty: false, inputEnds: false });
  const { console, seen } = fakeConsole();
  const { near, far } = client({ stdin: true });
  const served = hub.serve(near);
  await hub.open(async () => console);
  far.end('hi');
  expect(await served).toBe('over');
  expect(seen).toMatchObject({ input: 'hi', inputEnded: false, closed: true });
});

test('what was typed last is written before the console closes, whether the client ends or goes', async () => {
  for (const leave of [(socket: Duplex) => socket.end(), (socket: Duplex) => socket.destroy()]) {
    const hub = createConsoleHub({ tty: false, inputEnds: false });
    const gate = Promise.withResolvers<void>();
    const { console, seen } = fakeConsole(gate.promise);
    const { near, far } = client({ stdin: true });
    const served = hub.serve(near);
    await hub.open(async () => console);
    far.write('words');
    await settle();
    leave(far);
    near.socket.read(0);
    await settle();
    expect(seen.closed).toBe(false);
    gate.resolve();
    await served;
    expect(seen).toMatchObject({ input: 'words', closed: true });
  }
});

test('a client without input may end its half and is served on', async () => {
  const hub = createConsoleHub({ tty: false, inputEnds: false });
  const { console, print, end } = fakeConsole();
  const { near, far } = client();
  const served = hub.serve(near);
  await hub.open(async () => console);
  far.end();
  await settle();
  const got = collect(far);
  print(1, 'still here');
  end();
  expect(await served).toBe('over');
  await settle();
  expect(got.stdout).toBe('still here');
});

test('the container waits for a client that does not read, and goes on when it reads or leaves', async () => {
  const hub = createConsoleHub({ tty: false, inputEnds: false });
  const { console, print, seen } = fakeConsole();
  const slow = client();
  const quick = client();
  const served = [hub.serve(slow.near), hub.serve(quick.near)];
  await hub.open(async () => console);
  collect(quick.far);
  const flood = () => {
    for (let packet = 0; packet < 300; packet++) print(1, Buffer.alloc(8192));
  };
  flood();
  await settle();
  expect(seen.paused).toBe(true);
  slow.far.on('data', () => undefined);
  await settle();
  while (seen.paused) await turn();
  slow.far.pause();
  flood();
  await settle();
  expect(seen.paused).toBe(true);
  hub.dropStalled();
  expect(await served[0]).toBe('left');
  expect(seen.paused).toBe(false);
  expect(hub.clients).toBe(1);
});

test('the console is closed when the last client leaves, and opened again for the next', async () => {
  const hub = createConsoleHub({ tty: false, inputEnds: false });
  const first = fakeConsole();
  const one = client();
  const served = hub.serve(one.near);
  await hub.open(async () => first.console);
  one.near.socket.destroy();
  expect(await served).toBe('left');
  expect(first.seen.closed).toBe(true);
  const second = fakeConsole();
  const two = client();
  const again = hub.serve(two.near);
  await Promise.all([hub.open(async () => second.console), hub.open(async () => fakeConsole().console)]);
  const got = collect(two.far);
  second.print(2, 'again');
  second.end();
  expect(await again).toBe('over');
  await settle();
  expect(got.stderr).toBe('again');
});

test('a client that takes nothing is let go of while another waits for it, and waited for when it is alone', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const hub = createConsoleHub({ tty: false, inputEnds: false });
  const { console, print, seen } = fakeConsole();
  const slow = client();
  const alone = hub.serve(slow.near);
  await hub.open(async () => console);
  const flood = () => {
    for (let packet = 0; packet < 300; packet++) print(1, Buffer.alloc(8192));
  };
  flood();
  await settle();
  vi.advanceTimersByTime(patience * 3);
  expect(seen.paused).toBe(true);
  expect(hub.clients).toBe(1);
  const quick = client();
  hub.serve(quick.near);
  collect(quick.far);
  vi.advanceTimersByTime(patience);
  expect(await alone).toBe('left');
  expect(seen.paused).toBe(false);
  expect(hub.clients).toBe(1);
});
