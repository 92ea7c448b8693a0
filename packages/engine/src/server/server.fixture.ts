import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { routes } from '@davit/api';
import { afterAll, beforeAll } from 'vitest';
import { EngineError } from '../errors.ts';
import { setLogLevel } from '../log.ts';
import { createApiServer } from './server.ts';

export const server = createApiServer({ engineVersion: '9.9.9' });
/** Where the server of the tests of a file has its socket. */
export let directory: string;
export let path: string;
const http = server.open();
/** How many answers were broken off by their client or came to their end. */
export const departed = { count: 0 };

beforeAll(async () => {
  setLogLevel('fatal');
  directory = await mkdtemp(join(tmpdir(), 'davit-server-'));
  path = join(directory, 'd.sock');
  register();
  await new Promise<void>((resolve) => http.listen(path, resolve));
});

afterAll(async () => {
  http.close();
  await server.close(0);
  await rm(directory, { recursive: true });
});

function register(): void {
  server.add(routes.ping, async ({ header }) => {
    header('Builder-Version', '1');
    return 'OK';
  });
  server.add(routes.pingHead, async () => undefined, 200);
  server.add(routes.containerInspect, async ({ path: { name }, query }) => {
    if (name === 'bug') throw new TypeError('a bug');
    throw new EngineError('notFound', `No such container: ${name} ${query.size}`);
  });
  server.add(routes.containerStart, async ({ path: { name } }) => {
    if (name === 'started') throw new EngineError('notModified', 'already started');
    return undefined;
  });
  server.add(
    routes.containerCreate,
    async ({ body, version, query }) => ({ Id: `${body.Image}@${version}/${query.name}`, Warnings: [] }),
    201,
  );
  server.add(routes.imageLoad, async ({ input, send, begin, signal }) => {
    signal.addEventListener('abort', () => {
      departed.count += 1;
    });
    begin();
    const body = await text(input);
    await send({ stream: `read ${body.length}` });
    if (body === 'fail') throw new EngineError('internal', 'broken archive');
    return undefined;
  });
  server.add(routes.containerLogs, async ({ path: { name }, signal }) => {
    return { contentType: 'application/vnd.docker.raw-stream', body: lines(name, signal) };
  });
  const echo = async (contentType: string, hijack: (contentType: string) => NodeJS.ReadWriteStream) => {
    const stream = hijack(contentType);
    stream.write('> ');
    for await (const chunk of stream) stream.write(chunk);
    stream.write(' <');
    return undefined;
  };
  server.add(routes.containerAttach, async ({ path: { name }, hijack }) => {
    if (name === 'gone') throw new EngineError('notFound', 'No such container: gone');
    return echo('application/vnd.docker.raw-stream', hijack);
  });
  server.add(routes.execStart, async ({ body, hijack }) => {
    if (body.Detach) return undefined;
    return echo(`application/x-tty-${body.Tty}`, hijack);
  });
}

async function* lines(name: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    if (name === 'endless') while (!signal.aborted) yield Buffer.alloc(65536);
    yield Buffer.from('one\n');
    if (name === 'broken') throw new Error('the disk is gone');
    yield Buffer.from('two\n');
  } finally {
    departed.count += 1;
  }
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends one request and reads its answer to the end. */
export function ask(
  method: string,
  target: string,
  body?: string,
  headers: Record<string, string> = {},
  socketPath = path,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ socketPath, method, path: target, headers }, (response) => {
      text(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer }),
        reject,
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

export const json = { 'content-type': 'application/json' };
export const messageIn = (reply: Reply) => JSON.parse(reply.body).message;

/** Sends bytes as they are, ends its half if told to, and reads until the server ends. */
export async function raw(
  bytes: string,
  then: (socket: Socket) => void = (socket) => socket.end(),
): Promise<string> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(bytes);
  then(socket);
  const answer = await text(socket);
  socket.end();
  return answer;
}

/** Headers of a request whose connection is to be taken over. */
export const upgrade = 'Host: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n';
