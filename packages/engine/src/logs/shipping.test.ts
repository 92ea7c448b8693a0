import { once } from 'node:events';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setLogLevel } from '../log.ts';
import { createJournal } from './journal.ts';
import { createCollector, subject, until } from './receiver.fixture.ts';
import { shipmentOf } from './shipment.ts';
import { startShipping } from './shipping.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  setLogLevel('fatal');
  folder = await mkdtemp(join(tmpdir(), 'davit-shipping-'));
  path = join(folder, 'ctr.log');
});
afterEach(() => rm(folder, { recursive: true }));

let clock = 0;
const entry = (text: string) => {
  clock += 1;
  return `2026-11-25T07:00:00.${String(clock).padStart(9, '0')}+00:00 stdout F ${text}\n`;
};
const print = (...texts: string[]) => appendFile(path, texts.map(entry).join(''));

async function receiver() {
  const collector = createCollector();
  const socket = join(folder, 'socket');
  const open = async () => {
    const server = createServer(collector.take).listen(socket);
    await once(server, 'listening');
    return server;
  };
  const texts = () => [...collector.text().matchAll(/\]: (.*)\n/g)].map(([, text]) => text);
  return { ...collector, open, texts, socket };
}

function begin(socket: string, options: Record<string, string> = {}) {
  const config = { Type: 'syslog', Config: { 'syslog-address': `unix://${socket}`, ...options } };
  const shipment = shipmentOf(config, () => subject);
  if (!shipment) throw new Error('syslog is not sent');
  return startShipping(createJournal(path, false), shipment, null);
}

test('a log is sent as it grows, by one engine after the other, each line once', async () => {
  const { open, texts, socket } = await receiver();
  const server = await open();
  await print('one');
  const first = begin(socket);
  await until(() => texts().length === 1);
  await print('two', 'three');
  await until(() => texts().length === 3);
  first.leave();
  await first.done;
  await print('four', 'five');
  const second = begin(socket);
  await print('six');
  await second.settle();
  await second.done;
  await until(() => texts().length >= 6);
  expect(texts()).toEqual(['one', 'two', 'three', 'four', 'five', 'six']);
  server.close();
});

test('a destination that is away is waited for, and misses nothing', async () => {
  const { open, texts, socket, hangUp } = await receiver();
  const shipping = begin(socket);
  await print('one');
  const server = await open();
  await until(() => texts().length === 1);
  hangUp();
  const closed = once(server, 'close');
  server.close();
  await closed;
  await print(...Array.from({ length: 100 }, (_, number) => `line ${number}`));
  const again = await open();
  await until(() => texts().length === 101);
  await shipping.settle();
  expect(texts().at(-1)).toBe('line 99');
  again.close();
});

test('without blocking, what is more than the buffer is thrown away', async () => {
  const { open, texts, socket } = await receiver();
  await print(...Array.from({ length: 1000 }, (_, number) => `line ${number}`));
  const shipping = begin(socket, { mode: 'non-blocking', 'max-buffer-size': '2k' });
  // All of it is read while nobody is there.
  await shipping.settle();
  const server = await open();
  await shipping.done;
  await until(() => texts().length > 0);
  expect(texts()[0]).toBe('line 0');
  expect(texts().length).toBeLessThan(60);
  server.close();
});

test('a way that was opened is closed when the log cannot be sent', async () => {
  const config = { Type: 'syslog', Config: { 'syslog-address': 'udp://127.0.0.1:1' } };
  const shipment = shipmentOf(config, () => subject);
  if (!shipment) throw new Error('syslog is not sent');
  let isClosed = false;
  const delivery = {
    send: () => Promise.resolve(),
    close() {
      isClosed = true;
    },
  };
  const journal = createJournal(join(folder, 'gone', 'ctr.log'), false);
  await startShipping(journal, shipment, delivery).done;
  expect(isClosed).toBe(true);
});
