import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { routes } from '@davit/api';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ask, messageIn, path, server } from './server.fixture.ts';

/** Whether the stream of a client that reads nothing has come to its end. */
const flood = { isOver: false };

beforeAll(() => {
  server.add(routes.containerAttachWebSocket, async ({ path: { name }, hijack }) => {
    const stream = hijack('');
    if (name === 'flood') {
      stream.once('close', () => {
        flood.isOver = true;
      });
      // More than a socket holds, and nobody waits for it.
      stream.write(Buffer.alloc(8 * 1024 * 1024));
      return undefined;
    }
    stream.write(name === 'split' ? Buffer.from('é').subarray(0, 1) : '> ');
    if (name === 'split') stream.write(Buffer.from('é').subarray(1));
    let length = 0;
    for await (const chunk of stream) {
      length += chunk.length;
      if (name !== 'count') stream.write(chunk);
    }
    stream.write(` < ${length}`);
    return undefined;
  });
});

const target = (name: string) => `/containers/${name}/attach/ws`;
const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const headers: Record<string, string> = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': key,
  'Sec-WebSocket-Version': '13',
};

/** Asks for a WebSocket with the head of a request alone. */
function begin(name: string): Socket {
  const socket = connect({ path, allowHalfOpen: true });
  const lines = Object.entries({ Host: 'd', ...headers }).map(([header, value]) => `${header}: ${value}`);
  socket.write(`GET ${target(name)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

/** Sends frames of its own making behind the head of a request, and reads all that comes before the server ends. */
async function frames(frame: (socket: Socket) => void): Promise<Buffer> {
  const socket = begin('a');
  frame(socket);
  const answer = await buffer(socket);
  socket.end();
  const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
  return body;
}

/** A frame with a mask of zeros. */
const masked = (first: number, payload = '') =>
  Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)]);
const close = masked(0x88);
/** The last frame of what the server sent: why it closes. */
const closing = (body: Buffer) => body.subarray(-4).toString('hex');
const closed = { normal: '880203e8', protocolError: '880203ea', policy: '880203f0', tooLarge: '880203f1' };

async function conversation(name: string, version: string, talk: (client: WebSocket) => void) {
  const client = new WebSocket(`ws+unix://${path}:/v${version}${target(name)}`);
  const got: (string | boolean)[][] = [];
  client.on('message', (data, isBinary) => got.push([isBinary, data.toString()]));
  client.on('open', () => talk(client));
  const [code] = await once(client, 'close');
  return { got, code };
}

describe('a WebSocket', () => {
  test('carries bytes both ways, and what is still written after its client’s last frame', async () => {
    const talk = (client: WebSocket) => {
      client.send('one');
      client.send(Buffer.from('two'));
      client.close();
    };
    const { got, code } = await conversation('count', '1.41', talk);
    expect(got).toEqual([
      [true, '> '],
      [true, ' < 6'],
    ]);
    expect(code).toBe(1000);
  });

  test('carries text for clients before 1.28, whole characters in each message', async () => {
    const { got } = await conversation('split', '1.27', (client) => client.close());
    expect(got).toEqual([
      [false, 'é'],
      [false, ' < 0'],
    ]);
  });

  test('answers a ping, and takes a message in pieces', async () => {
    const body = await frames((socket) => {
      socket.write(Buffer.concat([masked(0x89, 'hey'), masked(0x02, 'a'), masked(0x80, 'b'), close]));
    });
    expect(body.toString('latin1')).toContain('\x8a\x03hey');
    expect(body.toString('latin1')).toContain('\x82\x02ab');
    expect(closing(body)).toBe(closed.normal);
  });

  test('carries much, as fast as it is taken', async () => {
    const part = Buffer.alloc(1024 * 1024, 'x');
    const { got, code } = await conversation('count', '1.41', (client) => {
      for (let count = 0; count < 24; count++) client.send(part);
      client.close();
    });
    expect(got.at(-1)).toEqual([true, ` < ${24 * part.length}`]);
    expect(code).toBe(1000);
  });

  test.each([
    ['a frame without a mask', Buffer.from([0x82, 1, 65]), closed.protocolError],
    ['reserved bits', masked(0xf2, 'a'), closed.protocolError],
    ['an unknown kind', masked(0x87, 'a'), closed.protocolError],
    ['a piece of nothing', masked(0x80, 'a'), closed.protocolError],
    ['a ping in pieces', masked(0x09, 'a'), closed.protocolError],
    ['a length beyond all numbers', Buffer.from('82ffffffffffffffffff00000000', 'hex'), closed.tooLarge],
    ['a message of 4 GiB', Buffer.from('82ff000000010000000000000000', 'hex'), closed.tooLarge],
    [
      'a message in too many pieces',
      Buffer.concat([masked(0x02), ...Array.from({ length: 20_000 }, () => masked(0))]),
      closed.policy,
    ],
    ['no HTTP at all', Buffer.from('GET / HTTP/1.1\r\nHost: d\r\n\r\n'), closed.protocolError],
  ])('is closed with a code on %s', async (_, bytes, code) => {
    expect(closing(await frames((socket) => socket.write(bytes)))).toBe(code);
    // Nobody else has noticed.
    expect((await ask('GET', '/_ping')).body).toBe('OK');
  });

  test('whose client breaks off in a frame ends as if it had ended its half', async () => {
    const body = await frames((socket) => socket.end(Buffer.from([0x82, 0xfe, 0xff])));
    expect(body.toString('latin1')).toContain(' < 0');
    expect(closing(body)).toBe(closed.normal);
  });

  test('is closed after a while when it has ended and its client takes nothing of the rest', async ({
    signal,
  }) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const socket = begin('flood');
    try {
      while (!flood.isOver && !signal.aborted) {
        vi.advanceTimersByTime(1000);
        await turn();
      }
      expect(flood.isOver).toBe(true);
    } finally {
      vi.useRealTimers();
      socket.destroy();
    }
  });

  test('is refused to a request that asks for something else', async () => {
    const plain = await ask('GET', target('a'));
    expect([plain.status, messageIn(plain)]).toEqual([400, 'not websocket protocol']);
    const raw = await ask('GET', target('a'), undefined, { Connection: 'Upgrade', Upgrade: 'tcp' });
    expect([raw.status, messageIn(raw)]).toEqual([400, 'not websocket protocol']);
    const old = await ask('GET', target('a'), undefined, { ...headers, 'Sec-WebSocket-Version': '8' });
    expect([old.status, old.headers['sec-websocket-version']]).toEqual([400, '13']);
    const { 'Sec-WebSocket-Key': _, ...keyless } = headers;
    const without = await ask('GET', target('a'), undefined, keyless);
    expect([without.status, messageIn(without)]).toEqual([400, 'mismatch challenge/response']);
    expect((await ask('POST', target('a'), undefined, headers)).status).toBe(404);
  });
});
