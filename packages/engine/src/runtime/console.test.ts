import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachConsole } from './console.ts';

type Package = typeof import('node-unix-socket');
type Peer = InstanceType<Package['SeqpacketSocket']>;

/** A monitor's attach socket in a folder whose path is longer than a socket's address may be. */
describe.skipIf(process.platform !== 'linux')('a console', () => {
  let root = '';
  let bundle = '';
  let server: InstanceType<Package['SeqpacketServer']>;
  let peer: Promise<Peer>;

  beforeEach(() => {
    const { SeqpacketServer } = createRequire(import.meta.url)('node-unix-socket') as Package;
    root = mkdtempSync(join(tmpdir(), 'davit-console-'));
    bundle = join(root, 'x'.repeat(100));
    mkdirSync(bundle);
    server = new SeqpacketServer();
    peer = new Promise((resolve) => server.once('connection', resolve));
    const own = process.cwd();
    process.chdir(bundle);
    server.listen('attach');
    process.chdir(own);
  });
  afterEach(() => {
    server.close();
    rmSync(root, { recursive: true });
  });

  const packet = (stream: number, text: string) => Buffer.concat([Buffer.from([stream]), Buffer.from(text)]);
  const gone = (socket: Peer) => new Promise<void>((resolve) => socket.write(packet(2, '.'), 0, 2, resolve));

  it('keeps the streams apart and ends with the monitor', async () => {
    const console = await attachConsole(bundle);
    const socket = await peer;
    for (const [stream, text] of [
      [2, 'out'],
      [3, 'err'],
      [2, 'end'],
    ] as const) {
      socket.write(packet(stream, text));
    }
    await pause(20);
    const got: string[] = [];
    console.onData((stream, bytes) => got.push(`${stream}:${bytes}`));
    await gone(socket);
    socket.destroy();
    await console.closed;
    expect(got).toEqual(['1:out', '2:err', '1:end', '1:.']);
  });

  it('takes nothing while it is paused', async () => {
    const console = await attachConsole(bundle);
    const socket = await peer;
    let got = 0;
    let sent = 0;
    console.onData((_, bytes) => {
      got += bytes.length;
      console.pause();
    });
    const bytes = packet(2, 'x'.repeat(8192));
    for (let count = 0; count < 500; count++) {
      socket.write(bytes, 0, bytes.length, () => {
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
    socket.destroy();
    await console.closed;
    expect(got).toBe(500 * 8192);
  });

  it('carries input in packets that the monitor can take, and its end', async () => {
    const console = await attachConsole(bundle);
    console.onData(() => undefined);
    const socket = await peer;
    const lengths: number[] = [];
    const ended = new Promise<void>((resolve) => socket.once('end', resolve));
    socket.on('data', (bytes: Buffer) => lengths.push(bytes.length));
    // The end comes while there is still something on its way.
    const written = console.write(Buffer.alloc(70_000));
    console.endInput();
    await written;
    await ended;
    expect(lengths).toEqual([32768, 32768, 4464]);
    socket.destroy();
    await console.closed;
  });

  it('carries the end of an input in which there was nothing', async () => {
    const console = await attachConsole(bundle);
    console.onData(() => undefined);
    const socket = await peer;
    const ended = new Promise<void>((resolve) => socket.once('end', resolve));
    console.endInput();
    await ended;
    socket.destroy();
    await console.closed;
  });

  it('delivers what was printed before the monitor went without reading its input', async () => {
    const console = await attachConsole(bundle);
    const socket = await peer;
    for (let count = 0; count < 10; count++) socket.write(packet(2, 'last words'));
    const written = console.write(Buffer.alloc(10_000_000));
    await pause(20);
    socket.destroy();
    let got = 0;
    console.onData((_, bytes) => {
      got += bytes.length;
    });
    await console.closed;
    await written;
    expect(got).toBe(100);
  });
});
