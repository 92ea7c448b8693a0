import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ask, raw, upgrade } from './server.fixture.ts';

describe('connections that are taken over', () => {
  test('are upgraded when the client asks for it, and end in each direction by themselves', async () => {
    const answer = await raw(
      `POST /v1.41/containers/a/attach?stream=1 HTTP/1.1\r\n${upgrade}\r\nearly `,
      async (socket) => {
        await pause(50);
        socket.end('late');
      },
    );
    expect(answer).toMatch(
      /^HTTP\/1\.1 101 UPGRADED\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n/,
    );
    expect(answer).toContain('\r\napi-version: 1.51\r\n');
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('> early late <');
  });

  test('a JSON body between the headers and the stream is the body, however it is cut', async () => {
    const answer = await raw(
      `POST /exec/a/start HTTP/1.1\r\n${upgrade}Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{"Tty"`,
      async (socket) => {
        await pause(30);
        socket.write(':true}in');
        await pause(30);
        socket.end('put');
      },
    );
    expect(answer).toContain('101 UPGRADED\r\nContent-Type: application/x-tty-true\r\n');
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('> input <');
  });

  test('without an upgrade the answer is 200 and the stream is as raw', async () => {
    const answer = await raw(
      'POST /exec/a/start HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
      async (socket) => {
        await pause(50);
        socket.end('GET / HTTP/1.1\r\n');
      },
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/x-tty-false\r\n/);
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('> GET / HTTP/1.1\r\n <');
  });

  test('errors before that are ordinary answers', async () => {
    const gone = await raw(`POST /containers/gone/attach HTTP/1.1\r\n${upgrade}\r\n`, () => undefined);
    expect(gone).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(gone).toContain('Connection: close');
    expect(gone).toMatch(/\{"message":"No such container: gone"\}\n$/);
    const bad = await raw(
      `POST /exec/a/start HTTP/1.1\r\n${upgrade}Content-Type: application/json\r\nContent-Length: 3\r\n\r\n{x}`,
      () => undefined,
    );
    expect(bad).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*invalid JSON/);
    const short = await raw(
      `POST /exec/a/start HTTP/1.1\r\n${upgrade}Content-Type: application/json\r\nContent-Length: 30\r\n\r\n{x}`,
    );
    expect(short).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*ends early/);
  });

  test('a connection that the handler does not take over is answered as any other', async () => {
    const body = '{"Detach":true}';
    const headers = { 'Content-Type': 'application/json' };
    const both: Record<string, string>[] = [{}, { Connection: 'Upgrade', Upgrade: 'tcp' }];
    for (const more of both) {
      const reply = await ask('POST', '/exec/x/start', body, { ...headers, ...more });
      expect(reply).toMatchObject({ status: 200, body: '' });
    }
  });

  test('an upgrade to something else is answered by the route, if there is one', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'h2c' };
    expect((await ask('POST', '/session', undefined, headers)).status).toBe(404);
    expect((await ask('GET', '/_ping', undefined, headers)).body).toBe('OK');
    expect((await ask('GET', '/_ping', undefined, { connection: 'Upgrade', upgrade: 'tcp' })).body).toBe(
      'OK',
    );
  });

  test('many at once carry their bytes intact', async () => {
    const payload = 'x'.repeat(300_000);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        raw(`POST /containers/a/attach HTTP/1.1\r\n${upgrade}\r\n`, (socket) => socket.end(payload)),
      ),
    );
    for (const answer of answers) expect(answer.length).toBe(answer.indexOf('> ') + 2 + payload.length + 2);
  });
});
