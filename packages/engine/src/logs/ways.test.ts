import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { receiveDatagrams } from './receiver.fixture.ts';
import { openDatagrams, openStream } from './ways.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davit-ways-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

test('a connection to one who reads nothing is broken off some time after its end', async () => {
  const connections: Socket[] = [];
  const path = join(folder, 'socket');
  const server = createServer({ pauseOnConnect: true }, (socket) => void connections.push(socket)).listen(
    path,
  );
  await once(server, 'listening');
  const delivery = await openStream({ path });
  const sending = delivery.send(Buffer.alloc(8 * 1024 ** 2));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  delivery.close();
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  await expect(sending).rejects.toThrow('is closed');
  for (const socket of connections) socket.destroy();
  server.close();
});

test('a datagram that finds no room is not waited for any longer when its socket is closed', async () => {
  const path = join(folder, 'socket');
  const receiver = receiveDatagrams(path);
  const delivery = openDatagrams(path);
  const sendAll = async () => {
    for (let sent = 0; sent < 100_000; sent += 1) await delivery.send(Buffer.from('x'));
  };
  const sending = sendAll();
  setImmediate(() => delivery.close());
  await expect(sending).rejects.toThrow('is closed');
  receiver.close();
});

test('one who has several certificates is told whom it is asked for', async () => {
  const hello = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    socket.once('data', (bytes) => {
      hello.resolve(bytes);
      socket.destroy();
    });
  }).listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const files = { ca: undefined, cert: undefined, key: undefined, skipVerify: false };
  await expect(openStream({ host: 'localhost', port }, files)).rejects.toThrow(`dial tcp localhost:${port}`);
  expect((await hello.promise).includes('localhost')).toBe(true);
  server.close();
});
