import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ApiError, apiVersion, routes } from '@davit/api';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Client, type ConnectOptions, connect } from './client.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const directory = mkdtempSync(join(tmpdir(), 'davit-client-'));
const open: { close(): void }[] = [];
let served = 0;

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** An engine that answers as it is told, and a client of it. */
async function serve(
  answer: Answer,
  upgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
  options: ConnectOptions = {},
): Promise<{ client: Client; seen: string[] }> {
  served += 1;
  const path = join(directory, `${served}.sock`);
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answer(request, response, await text(request));
  });
  server.on('upgrade', (request, socket, head) => {
    seen.push(`${request.method} ${request.url}`);
    upgrade?.(request, socket as Socket, head);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = connect({ host: `unix://${path}` }, options);
  open.push({
    close() {
      void client.close();
      server.closeAllConnections();
      server.close();
    },
  });
  return { client, seen };
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', 'api-version': apiVersion });
  response.end(JSON.stringify(value));
}

describe('a call', () => {
  it('fills the path, encodes the query and sends the body', async () => {
    const bodies: string[] = [];
    const { client, seen } = await serve((request, response, body) => {
      bodies.push(`${request.headers['content-type']} ${body}`);
      json(response, { Id: 'abc', Warnings: [] }, 201);
    });
    const created = await client.call(routes.containerCreate, {
      query: { name: 'a b', platform: '' },
      body: { Image: 'busybox' },
    });
    expect(created).toEqual({ Id: 'abc', Warnings: [] });
    expect(seen).toEqual([`POST /v${apiVersion}/containers/create?name=a+b`]);
    expect(bodies).toEqual(['application/json {"Image":"busybox"}']);
    await client.call(routes.containerTop, { path: { name: 'a/b c' } });
    await client.call(routes.imageInspect, { path: { name: 'host:5000/a/b:1' } });
    expect(seen.slice(1)).toEqual([
      `GET /v${apiVersion}/containers/a%2Fb%20c/top`,
      `GET /v${apiVersion}/images/host%3A5000/a/b%3A1/json`,
    ]);
  });

  it('tells what the engine says when it refuses', async () => {
    const { client } = await serve((_request, response) =>
      json(response, { message: 'No such container: x ' }, 404),
    );
    const call = client.call(routes.containerInspect, { path: { name: 'x' } });
    await expect(call).rejects.toEqual(new ApiError(404, 'No such container: x'));
  });

  it('tells plain text, and the status when there is none', async () => {
    const { client } = await serve((request, response) => {
      response.writeHead(502);
      response.end(request.url?.includes('version') ? 'bad gateway\n' : '');
    });
    await expect(client.call(routes.version)).rejects.toThrow('bad gateway');
    await expect(client.call(routes.info)).rejects.toThrow(
      `/v${apiVersion}/info was answered with status 502`,
    );
  });

  it('gives the status of an empty answer', async () => {
    const { client } = await serve((_request, response) => response.writeHead(304).end());
    expect(await client.call(routes.containerStart, { path: { name: 'x' } })).toMatchObject({ status: 304 });
  });

  it('yields lines as they arrive', async () => {
    const { client } = await serve((_request, response) => {
      response.writeHead(200);
      response.write('{"StatusCode":');
      setTimeout(() => response.end('3}\n'), 5);
    });
    const answers = await client.call(routes.containerWait, { path: { name: 'x' } });
    expect(await Array.fromAsync(answers)).toEqual([{ StatusCode: 3 }]);
  });

  it('sends a stream once it knows the version', async () => {
    const { client, seen } = await serve((request, response, body) => {
      response.writeHead(200, { 'api-version': '1.41' });
      response.end(request.url === '/_ping' ? 'OK' : `{"stream":"${body}"}\n`);
    });
    const messages = await client.call(routes.imageLoad, { input: Readable.from([Buffer.from('tar')]) });
    expect(await Array.fromAsync(messages)).toEqual([{ stream: 'tar' }]);
    expect(seen).toEqual(['GET /_ping', 'POST /v1.41/images/load']);
  });

  it('uses one connection for one call after the other', async () => {
    const sockets = new Set<Socket>();
    const { client } = await serve((request, response) => {
      sockets.add(request.socket);
      json(response, {});
    });
    for (let count = 0; count < 3; count += 1) await client.call(routes.version);
    expect(sockets.size).toBe(1);
  });

  it('can be given up', async () => {
    const { client } = await serve(() => undefined);
    const controller = new AbortController();
    const call = client.call(routes.version, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(call).rejects.toThrow('enough');
  });

  it('says so when the connection breaks in the middle of an answer', async () => {
    const { client } = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
      setTimeout(() => request.socket.destroy(), 5);
    });
    await expect(client.call(routes.version)).rejects.toThrow(
      /^error during connect: the connection to unix:.* was lost/,
    );
  });
});

describe('versions', () => {
  it('are learned from the first answer of an older engine', async () => {
    const { client, seen } = await serve((request, response) => {
      response.setHeader('api-version', '1.41');
      const old = request.url?.startsWith('/v1.41/');
      response.writeHead(old ? 200 : 400);
      response.end(old ? '{}' : '{"message":"client version 1.51 is too new"}');
    });
    await Promise.all([client.call(routes.version), client.call(routes.info)]);
    await client.call(routes.version);
    expect(await client.version()).toBe('1.41');
    expect(seen.filter((line) => line.includes('v1.41'))).toHaveLength(3);
    expect(seen).toHaveLength(5);
  });

  it('are asked for when nothing was called yet', async () => {
    const { client, seen } = await serve((_request, response) => {
      response.writeHead(200, { 'api-version': '1.43' });
      response.end('OK');
    });
    expect(await client.version()).toBe('1.43');
    expect(await client.version()).toBe('1.43');
    expect(seen).toEqual(['GET /_ping']);
  });

  it('may be fixed', async () => {
    const { client, seen } = await serve((_request, response) => json(response, {}), undefined, {
      version: '1.30',
    });
    await client.call(routes.version);
    expect(seen).toEqual(['GET /v1.30/version']);
  });
});

describe('a hijacked connection', () => {
  const answered = 'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n';

  it('carries both directions, with a half-close', async () => {
    const { client } = await serve(
      () => undefined,
      (_request, socket) => {
        socket.write(`${answered}Connection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello `);
        let got = '';
        socket.on('data', (bytes) => {
          got += bytes;
        });
        socket.on('end', () => socket.end(`you said ${got}`));
      },
    );
    const { stream, contentType } = await client.call(routes.containerAttach, { path: { name: 'x' } });
    expect(contentType).toBe('application/vnd.docker.raw-stream');
    stream.end('hi');
    expect(await text(stream)).toBe('hello you said hi');
  });

  it('may be handed over without an upgrade', async () => {
    served += 1;
    const path = join(directory, `${served}.sock`);
    const { createServer: createPlainServer } = await import('node:net');
    const server = createPlainServer({ allowHalfOpen: true }, (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n');
        let got = '';
        socket.on('data', (bytes) => {
          got += bytes;
        });
        socket.on('end', () => socket.end(`you said ${got}`));
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    open.push(server);
    const client = connect({ host: `unix://${path}` });
    const { stream } = await client.call(routes.containerAttach, { path: { name: 'x' } });
    stream.end('hi');
    expect(await text(stream)).toBe('you said hi');
  });

  it('is refused as any other call', async () => {
    const { client } = await serve(
      (_request, response) => response.end(),
      (_request, socket) => {
        const body = '{"message":"No such container: x"}';
        socket.end(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      },
    );
    const call = client.call(routes.containerAttach, { path: { name: 'x' } });
    await expect(call).rejects.toEqual(new ApiError(404, 'No such container: x'));
  });
});

describe('an engine that is not there', () => {
  it('is told in the words of docker', async () => {
    const client = connect({ host: 'unix:///nosuch.sock' });
    await expect(client.call(routes.version)).rejects.toThrow(
      'Cannot connect to the Docker daemon at unix:///nosuch.sock. Is the docker daemon running?',
    );
  });

  it('is started once, and then called', async () => {
    const path = join(directory, 'later.sock');
    let starts = 0;
    const client = connect(
      { host: `unix://${path}` },
      {
        start: async () => {
          starts += 1;
          const server = createServer((_request, response) => json(response, { Version: 'started' }));
          await new Promise<void>((resolve) => server.listen(path, resolve));
          open.push(server);
        },
      },
    );
    expect(await client.call(routes.version)).toEqual({ Version: 'started' });
    expect(starts).toBe(1);
    await client.close();
  });

  it('passes on why it could not be started', async () => {
    const start = async () => {
      throw new Error('the davit engine did not start');
    };
    const client = connect({ host: 'unix:///nosuch.sock' }, { start });
    await expect(client.call(routes.version)).rejects.toThrow('the davit engine did not start');
  });

  it('may have an address that nobody can read', () => {
    expect(() => connect({ host: 'foo://bar' })).toThrow('unable to parse docker host `foo://bar`');
  });
});
