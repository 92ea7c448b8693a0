import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { routes } from '@davit/api';
import { describe, expect, test } from 'vitest';
import { largestBody } from './body.ts';
import { ask, departed, directory, json, messageIn, path, raw, server, upgrade } from './server.fixture.ts';
import { createApiServer } from './server.ts';

describe('requests', () => {
  test('a ping carries the headers that clients negotiate with', async () => {
    const reply = await ask('GET', '/_ping');
    expect(reply).toMatchObject({ status: 200, body: 'OK' });
    expect(reply.headers).toMatchObject({
      'api-version': '1.51',
      'docker-experimental': 'false',
      ostype: 'linux',
      server: 'Davit/9.9.9 (linux)',
      'builder-version': '1',
      'content-type': 'text/plain; charset=utf-8',
    });
    expect(await ask('HEAD', '/v1.24/_ping')).toMatchObject({ status: 200, body: '' });
  });

  test('versions outside the spoken range are refused in the words of dockerd', async () => {
    const tooNew = await ask('GET', '/v1.99/_ping');
    expect(tooNew.status).toBe(400);
    expect(messageIn(tooNew)).toBe('client version 1.99 is too new. Maximum supported API version is 1.51');
    expect(messageIn(await ask('GET', '/v1.12/_ping'))).toBe(
      'client version 1.12 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
    );
    expect((await ask('GET', '/v1.99/nosuch')).status).toBe(404);
  });

  test.each([
    ['GET', '/nosuch'],
    ['POST', '/_ping'],
    ['GET', '/vx/_ping'],
    ['PATCH', '/containers/create'],
    ['GET', '//'],
    ['OPTIONS', '*'],
  ])('%s %s is no page', async (method, target) => {
    const reply = await ask(method, target);
    expect(reply).toMatchObject({ status: 404, body: '{"message":"page not found"}\n' });
    expect(reply.headers['content-type']).toBe('application/json');
  });

  test('names are decoded and may hold slashes; a broken escape is refused', async () => {
    expect(messageIn(await ask('GET', '/containers/a%2Fb%20c/d/json?size=1'))).toBe(
      'No such container: a/b c/d true',
    );
    expect((await ask('GET', '/containers/%zz/json')).status).toBe(400);
    expect((await ask('GET', '/containers/%ff/json')).status).toBe(400);
  });

  test('what nobody expected is a 500 with its message', async () => {
    expect(await ask('GET', '/containers/bug/json')).toMatchObject({
      status: 500,
      body: '{"message":"a bug"}\n',
    });
  });

  test('nothing to do is a 304 without a body', async () => {
    expect(await ask('POST', '/containers/started/start')).toMatchObject({ status: 304, body: '' });
    expect(await ask('POST', '/containers/other/start')).toMatchObject({ status: 204, body: '' });
  });

  test('one connection serves many requests', async () => {
    const before = server.connections.total;
    const answer = await raw('GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n', async (socket) => {
      await pause(30);
      socket.write('HEAD /_ping HTTP/1.1\r\nHost: d\r\n\r\nGET /nosuch HTTP/1.1\r\nHost: d\r\n\r\n');
      await pause(50);
      socket.end();
    });
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
    expect(server.connections.total).toBe(before + 1);
  });
});

describe('JSON bodies', () => {
  const create = (body: string, headers: Record<string, string> = json) =>
    ask('POST', '/v1.30/containers/create?name=n', body, headers);

  test('are decoded by their shape', async () => {
    expect(await create('{"Image":"busybox"}')).toMatchObject({
      status: 201,
      body: '{"Id":"busybox@1.30/n","Warnings":[]}\n',
    });
    const charset = { 'content-type': 'application/json; charset=utf-8', 'transfer-encoding': 'chunked' };
    expect((await create('{"Image":"busybox"}', charset)).status).toBe(201);
  });

  test('that are none are refused', async () => {
    expect(messageIn(await create('{"Image":'))).toMatch(/^invalid JSON: /);
    expect(messageIn(await create('{"Image":3}'))).toMatch(/^invalid JSON: json: cannot unmarshal number/);
    expect((await create('{"Image":3}')).status).toBe(400);
    expect((await create('[]')).status).toBe(400);
    expect((await create('{} {}')).status).toBe(400);
  });

  test('of another type are refused', async () => {
    const reply = await create('x', { 'content-type': 'text/plain' });
    expect(reply.status).toBe(400);
    expect(messageIn(reply)).toBe(`unsupported Content-Type header (text/plain): must be 'application/json'`);
    expect(messageIn(await create('{}', {}))).toMatch(/^malformed Content-Type header \(\)/);
  });

  test('larger than any real one are refused, announced or not', async () => {
    const large = `{"Image":"${'x'.repeat(largestBody)}"}`;
    expect((await create(large)).status).toBe(413);
    expect((await create(large, { ...json, 'transfer-encoding': 'chunked' })).status).toBe(413);
    expect((await ask('GET', '/_ping')).status).toBe(200);
  });
});

describe('streams', () => {
  test('messages arrive as they are sent, and an error after the first is a last message', async () => {
    expect(await ask('POST', '/images/load', 'abc')).toMatchObject({
      status: 200,
      body: '{"stream":"read 3"}\r\n',
    });
    expect((await ask('POST', '/images/load', 'fail')).body).toBe(
      '{"stream":"read 4"}\r\n{"errorDetail":{"message":"broken archive"},"error":"broken archive"}\r\n',
    );
  });

  test('a stream that breaks does not look complete', async () => {
    expect((await ask('GET', '/containers/a/logs')).body).toBe('one\ntwo\n');
    await expect(ask('GET', '/containers/broken/logs')).rejects.toThrow('aborted');
  });

  test('a client that goes away ends what it asked for', async () => {
    departed.count = 0;
    const socket = connect(path);
    socket.write('GET /containers/endless/logs HTTP/1.1\r\nHost: d\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    const upload = connect(path);
    upload.write('POST /images/load HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\nabc');
    await new Promise((resolve) => upload.once('data', resolve));
    upload.destroy();
    await expect.poll(() => departed.count).toBe(2);
  });

  test('a client that does not read is waited for', async () => {
    const socket = connect(path);
    socket.write('GET /containers/endless/logs HTTP/1.1\r\nHost: d\r\n\r\n');
    await pause(100);
    const before = process.memoryUsage().arrayBuffers;
    await pause(100);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
    socket.destroy();
  });
});

test('nonsense neither crashes nor blocks the server', async () => {
  const nonsense = [
    '\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /_ping HTTP/1.1\r\n\r\n',
    'GET /containers/%00%2e%2e%2f/json?size=%&filters={ HTTP/1.1\r\nHost: d\r\n\r\n',
    'GET http://d/v1.41/_ping HTTP/1.1\r\nHost: d\r\n\r\n',
    'CONNECT d:80 HTTP/1.1\r\nHost: d\r\n\r\n',
    'POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: -1\r\n\r\n',
    'POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{',
    `POST /exec/a/start HTTP/1.1\r\n${upgrade}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n\r\n`,
    `POST /exec/%/start HTTP/1.1\r\n${upgrade}\r\n`,
    `GET /${'a'.repeat(2_000_000)} HTTP/1.1\r\nHost: d\r\n\r\n`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ];
  const answers = await Promise.all(nonsense.map((bytes) => raw(bytes).catch(() => '')));
  expect(answers[5]).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*OK$/);
  expect((await ask('GET', '/_ping')).status).toBe(200);
});

test('a server that ends tells new requests so, and lets those that run finish', async () => {
  const ending = createApiServer({ engineVersion: '0' });
  const finish = Promise.withResolvers<void>();
  ending.add(routes.containerTop, async () => {
    await finish.promise;
    return { Titles: [], Processes: [] };
  });
  const listening = ending.open();
  await new Promise<void>((resolve) => listening.listen(join(directory, 'ending.sock'), resolve));
  const top = () => ask('GET', '/containers/a/top', undefined, {}, join(directory, 'ending.sock'));
  const running = top();
  await expect.poll(() => ending.connections.open).toBe(1);
  ending.retire();
  expect(await top()).toMatchObject({ status: 503, body: '{"message":"the engine is ending"}\n' });
  listening.close();
  const closed = ending.close(5000);
  finish.resolve();
  expect((await running).status).toBe(200);
  await closed;
  expect(ending.connections.open).toBe(0);
});
