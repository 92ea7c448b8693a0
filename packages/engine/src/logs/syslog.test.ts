import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCollector, message, receiveDatagrams, subject, until } from './receiver.fixture.ts';
import { syslogDestination } from './syslog.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davit-syslog-'));
});
afterAll(() => rm(folder, { recursive: true }));

const encoded = (options: Record<string, string>, ...given: Parameters<typeof message>) =>
  syslogDestination(options, subject)
    .encode(message(...given))
    .toString();

const pid = process.pid;
const host = hostname();
const id = 'abcdef012345';

test.each([
  [{}, new RegExp(`^<30>Nov  5 \\d\\d:\\d\\d:37 ${id}\\[${pid}\\]: text\\n$`)],
  [
    { 'syslog-format': 'rfc3164' },
    new RegExp(`^<30>Nov  5 \\d\\d:\\d\\d:37 ${host} ${id}\\[${pid}\\]: text\\n$`),
  ],
  [
    { 'syslog-format': 'rfc5424', tag: '{{.Name}}/{{.ID}}' },
    new RegExp(`^<30>1 2026-11-05T\\d\\d:\\d\\d:37\\S+ ${host} web/${id} ${pid} web/${id} - text\\n$`),
  ],
  [
    { 'syslog-format': 'rfc5424micro', 'syslog-facility': 'local3' },
    new RegExp(`^<158>1 2026-11-05T\\d\\d:\\d\\d:37\\.279072\\S+ ${host} ${id} ${pid} ${id} - text\\n$`),
  ],
  [{ 'syslog-facility': '17' }, /^<142>/],
])('messages have the form that %o asks for', (options, expected) => {
  expect(encoded(options as Record<string, string>, 'text')).toMatch(expected);
});

test('errors are told as such', () => {
  expect(encoded({}, 'text', { isError: true })).toMatch(/^<27>/);
});

/** Sends two messages to an address. */
async function send(options: Record<string, string>): Promise<void> {
  const destination = syslogDestination(options, subject);
  const delivery = await destination.open();
  for (const text of ['one', 'two']) await delivery.send(destination.encode(message(text)));
  delivery.close();
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

test('messages go over TCP and unix sockets, one behind the other', async () => {
  const collector = createCollector();
  const server = createServer(collector.take).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await send({ 'syslog-address': `tcp://127.0.0.1:${portOf(server)}` });
  await until(() => collector.text().includes('two\n'));
  expect(collector.text()).toMatch(/^<30>.*: one\n<30>.*: two\n$/);
  server.close();
  const path = join(folder, 'stream');
  const local = createServer(collector.take).listen(path);
  await once(local, 'listening');
  await send({ 'syslog-address': `unix://${path}`, tag: 'local' });
  await until(() => /local.*two\n/.test(collector.text()));
  local.close();
});

test('messages go as datagrams over UDP and unix sockets', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const got: string[] = [];
  socket.on('message', (bytes) => got.push(bytes.toString()));
  await send({ 'syslog-address': `udp://127.0.0.1:${socket.address().port}` });
  await until(() => got.length === 2);
  expect(got[1]).toMatch(/: two\n$/);
  socket.close();
  const path = join(folder, 'datagrams');
  const receiver = receiveDatagrams(path);
  await send({ 'syslog-address': `unixgram://${path}` });
  expect((await receiver.next()).toString()).toMatch(/: one\n$/);
  expect((await receiver.next()).toString()).toMatch(/: two\n$/);
  receiver.close();
});

test('a receiver of datagrams that is slow is waited for', async () => {
  const path = join(folder, 'slow');
  const receiver = receiveDatagrams(path);
  const destination = syslogDestination({ 'syslog-address': `unixgram://${path}` }, subject);
  const delivery = await destination.open();
  const count = 2000;
  const sending = (async () => {
    for (let number = 0; number < count; number++) {
      await delivery.send(destination.encode(message(`number ${number}.`)));
    }
  })();
  for (let number = 0; number < count; number++) {
    expect((await receiver.next()).toString()).toContain(`number ${number}.`);
  }
  await sending;
  delivery.close();
  receiver.close();
});

test('messages go over TLS to whom the files name, framed where the format wants that', async () => {
  const at = (name: string) => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const make = (name: string) =>
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', ...key, '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
        ...['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)],
      ],
      { stdio: 'ignore' },
    );
  make('server');
  make('client');
  const collector = createCollector();
  const server = createTlsServer(
    {
      ...{ cert: await readFile(at('server.pem')), key: await readFile(at('server.key')) },
      ...{ ca: await readFile(at('client.pem')), requestCert: true, rejectUnauthorized: true },
    },
    collector.take,
  ).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  const address = { 'syslog-address': `tcp+tls://127.0.0.1:${portOf(server)}`, 'syslog-format': 'rfc5424' };
  const client = { 'syslog-tls-cert': at('client.pem'), 'syslog-tls-key': at('client.key') };
  await send({ ...address, ...client, 'syslog-tls-ca-cert': at('server.pem') });
  await until(() => collector.text().includes('two\n'));
  for (const [, length, rest] of collector.text().matchAll(/(\d+) (<30>1 [^\n]*\n)/g)) {
    expect(Number(length)).toBe(rest?.length);
  }
  expect(collector.text()).toMatch(/^\d+ <30>1 .*one\n\d+ <30>1 .*two\n$/);
  await send({ ...address, ...client, tag: 'unchecked', 'syslog-tls-skip-verify': 'true' });
  await until(() => /unchecked.*two\n/.test(collector.text()));
  await expect(send({ ...address, ...client })).rejects.toThrow('self-signed certificate');
  await expect(send({ ...address, 'syslog-tls-ca-cert': at('nothing') })).rejects.toThrow('ENOENT');
  server.close();
});

test.each([
  ['unix:///nope', 'dial unix /nope: connect: no such file or directory'],
  ['unixgram:///nope', 'dial unixgram /nope: connect: no such file or directory'],
  ['tcp://127.0.0.1:1', 'dial tcp 127.0.0.1:1: connect: connection refused'],
  ['udp://127.0.0.1:99999', 'dial udp'],
  ['tcp://a:b:c', 'too many colons in address'],
])('nobody at %s is told', async (address, words) => {
  await expect(send({ 'syslog-address': address })).rejects.toThrow(words);
});
