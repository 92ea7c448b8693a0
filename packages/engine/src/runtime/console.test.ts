import { closeSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import koffi from 'koffi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adoptPackets } from '../kernel/seqpacket.ts';
import { openSocket, unixAddress } from '../kernel/socket.ts';
import { attachConsole } from './console.ts';

/** The monitor's end of a connection. */
interface Peer {
  send(bytes: Buffer, sent?: () => void): void;
  readonly received: number[];
  readonly ended: Promise<void>;
  close(): void;
}

/** Accepts one connection on a socket in the working directory. */
function listen(name: string): { accept(): Peer; close(): void } {
  const handle = koffi.load(null);
  const bind = handle.func('int bind(int, const void *, unsigned int)');
  const listenOn = handle.func('int listen(int, int)');
  const accept4 = handle.func('int accept4(int, void *, void *, int)');
  const address = unixAddress(name);
  const descriptor = openSocket('seqpacket');
  expect(bind(descriptor, address, address.length)).toBe(0);
  expect(listenOn(descriptor, 5)).toBe(0);
  return {
    close: () => closeSync(descriptor),
    accept() {
      const received: number[] = [];
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const accepted: number = accept4(descriptor, null, null, 0o2004000);
      const socket = adoptPackets(accepted, {
        packet: (bytes) => received.push(bytes.length),
        end: resolve,
        broken: () => undefined,
      });
      socket.resume();
      return {
        received,
        ended,
        close: socket.close,
        send: (bytes, sent = () => undefined) => socket.send(bytes, sent),
      };
    },
  };
}

/** A monitor's attach socket in a folder whose path is longer than a socket's address may be. */
describe.skipIf(process.platform !== 'linux')('a console', () => {
  let root = '';
  let bundle = '';
  let server: ReturnType<typeof listen>;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'davit-console-'));
    bundle = join(root, 'x'.repeat(100));
    mkdirSync(bundle);
    const own = process.cwd();
    process.chdir(bundle);
    server = listen('attach');
    process.chdir(own);
  });
  afterEach(() => {
    server.close();
    rmSync(root, { recursive: true });
  });

  const packet = (stream: number, text: string) => Buffer.concat([Buffer.from([stream]), Buffer.from(text)]);
  const gone = (socket: Peer) => new Promise<void>((resolve) => socket.send(packet(2, '.'), resolve));

  it('keeps the streams apart and ends with the monitor', async () => {
    const console = await attachConsole(bundle);
    const socket = server.accept();
    for (const [stream, text] of [
      [2, 'out'],
      [3, 'err'],
      [2, 'end'],
    ] as const) {
      socket.send(packet(stream, text));
    }
    await pause(20);
    const got: string[] = [];
    console.onData((stream, bytes) => got.push(`${stream}:${bytes}`));
    await gone(socket);
    socket.close();
    await console.closed;
    expect(got).toEqual(['1:out', '2:err', '1:end', '1:.']);
  });

  it('takes nothing while it is paused', async () => {
    const console = await attachConsole(bundle);
    const socket = server.accept();
    let got = 0;
    let sent = 0;
    console.onData((_, bytes) => {
      got += bytes.length;
      console.pause();
    });
    const bytes = packet(2, 'x'.repeat(8192));
    for (let count = 0; count < 500; count++) {
      socket.send(bytes, () => {
        sent++;
      });
    }
    await pause(50);
    expect(got).toBe(8192);
    expect(sent).toBeLessThan(500);
    console.onData((_, more) => {
      got += more.length;
    });
    while (sent < 500) await pause(5);
    socket.close();
    await console.closed;
    expect(got).toBe(500 * 8192);
  });

  it('carries input in packets that the monitor can take, and its end', async () => {
    const console = await attachConsole(bundle);
    console.onData(() => undefined);
    const socket = server.accept();
    // The end comes while there is still something on its way.
    const written = console.write(Buffer.alloc(70_000));
    console.endInput();
    await written;
    await socket.ended;
    expect(socket.received).toEqual([32768, 32768, 4464]);
    socket.close();
    await console.closed;
  });

  it('carries the end of an input in which there was nothing', async () => {
    const console = await attachConsole(bundle);
    console.onData(() => undefined);
    const socket = server.accept();
    console.endInput();
    await socket.ended;
    socket.close();
    await console.closed;
  });

  it('delivers what was printed before the monitor went without reading its input', async () => {
    const console = await attachConsole(bundle);
    const socket = server.accept();
    for (let count = 0; count < 10; count++) socket.send(packet(2, 'last words'));
    const written = console.write(Buffer.alloc(10_000_000));
    await pause(20);
    socket.close();
    let got = 0;
    console.onData((_, bytes) => {
      got += bytes.length;
    });
    await console.closed;
    await written;
    expect(got).toBe(100);
  });
});
