import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { frameHeader } from '@davit/api';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../dispatch.ts';
import { createInput, createOutput } from '../../terminal/streams.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-run-'));
const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Engine {
  /** What the container prints when it is started, and its exit code. */
  output?: string;
  code?: number;
  /** Answers to requests other than success, by the end of their path. */
  refuse?: Record<string, [status: number, message: string]>;
  /** More variables for the client. */
  environment?: Record<string, string>;
}

let engines = 0;

/** An engine with one container that runs when it is started; tells which requests came, in which order. */
async function createEngine({ output = '', code = 0, refuse = {}, environment = {} }: Engine) {
  engines += 1;
  const path = join(directory, `${engines}.sock`);
  const seen: string[] = [];
  const bodies: string[] = [];
  let attached: Duplex | undefined;
  const exited = Promise.withResolvers<void>();
  const note = ({ method, url = '' }: IncomingMessage) => {
    const route = url.replace(/^\/v[\d.]+/, '');
    seen.push(`${method} ${route}`);
    return Object.entries(refuse).find(([end]) => route.split('?')[0]?.endsWith(end))?.[1];
  };
  const server = createServer(async (request, response) => {
    const refusal = note(request);
    const body = await text(request);
    if (refusal) {
      response.writeHead(refusal[0]).end(JSON.stringify({ message: refusal[1] }));
    } else if (request.url?.includes('/create')) {
      bodies.push(body);
      response.writeHead(201).end('{"Id":"abc","Warnings":["no swap"]}');
    } else if (request.url?.includes('/wait')) {
      response.writeHead(200);
      response.flushHeaders();
      await exited.promise;
      response.end(`{"StatusCode":${code}}`);
    } else {
      response.writeHead(204).end();
      if (!request.url?.includes('/start')) return;
      attached?.end(Buffer.concat([frameHeader(1, output.length), Buffer.from(output)]));
      exited.resolve();
    }
  });
  server.on('upgrade', (request, socket) => {
    const refusal = note(request);
    if (refusal) {
      const message = JSON.stringify({ message: refusal[1] });
      socket.end(`HTTP/1.1 ${refusal[0]} No\r\nContent-Length: ${message.length}\r\n\r\n${message}`);
      return;
    }
    attached = socket;
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  open.push({
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  const run = async (...args: string[]) => {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const exit = await runCommandLine(args, {
      program: 'davit',
      streams: {
        in: createInput(() => new PassThrough()),
        out: createOutput(out, {}),
        err: createOutput(err, {}),
      },
      environment: { HOME: '/nosuch', DOCKER_HOST: `unix://${path}`, ...environment },
      interruption: () => new AbortController().signal,
    });
    const read = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
    return { exit, out: read(out), err: read(err) };
  };
  return { run, seen, bodies };
}

describe('run', () => {
  it('attaches and waits before it starts, and exits with the code of the container', async () => {
    const { run, seen, bodies } = await createEngine({ output: 'hello\n', code: 7 });
    expect(await run('run', '--rm', '--name', 'web', 'busybox', 'echo', 'hello')).toEqual({
      exit: 7,
      out: 'hello\n',
      err: 'WARNING: no swap\n',
    });
    expect(seen[0]).toBe('POST /containers/create?name=web');
    expect(seen.slice(1, 3).toSorted()).toEqual([
      'POST /containers/abc/attach?stream=1&stdout=1&stderr=1',
      'POST /containers/abc/wait?condition=removed',
    ]);
    expect(seen[3]).toBe('POST /containers/abc/start');
    expect(seen).toHaveLength(4);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({
      Image: 'busybox',
      Cmd: ['echo', 'hello'],
      HostConfig: { AutoRemove: true },
    });
  });

  it('prints the ID of a container in the background', async () => {
    const { run, seen } = await createEngine({});
    expect(await run('run', '-d', 'busybox')).toMatchObject({ exit: 0, out: 'abc\n' });
    expect(seen).toEqual(['POST /containers/create', 'POST /containers/abc/start']);
  });

  it('leaves no container to which the logins could not be handed over', async () => {
    writeFileSync(join(directory, 'config.json'), '{"auths":{"x.example":{"auth":"dXNlcjpzZWNyZXQ="}}}');
    const { run, seen } = await createEngine({
      refuse: { '/archive': [403, 'the root is read-only'] },
      environment: { DOCKER_CONFIG: directory },
    });
    const { exit, err } = await run('run', '--use-api-socket', 'busybox');
    expect(exit).toBe(125);
    expect(err).toContain('injecting docker config.json into container failed: copying config.json');
    expect(seen.at(-2)).toMatch(/^PUT \/containers\/abc\/archive\?/);
    expect(seen.at(-1)).toMatch(/^DELETE \/containers\/abc\?/);
  });

  it.each([
    ['exec: "x": executable file not found in $PATH', 127],
    ['stat /x: no such file or directory', 127],
    ['exec: "/etc": permission denied', 126],
    ['exec: "/etc": is a directory', 126],
    ['Bind for 0.0.0.0:80 failed: port is already allocated', 125],
  ])('tells of a start that fails with "%s" and exits with %i', async (message, exit) => {
    const { run } = await createEngine({ refuse: { '/start': [400, message] } });
    expect(await run('run', 'busybox', 'x')).toEqual({
      exit,
      out: '',
      err: `WARNING: no swap\ndavit: Error response from daemon: ${message}\n\nRun 'davit run --help' for more information\n`,
    });
  });

  it('tells of an attach that fails without a hint', async () => {
    const { run } = await createEngine({
      refuse: { '/attach': [400, 'Invalid detach keys (foo) provided'] },
    });
    expect(await run('run', '--detach-keys', 'foo', 'busybox')).toMatchObject({
      exit: 1,
      err: 'WARNING: no swap\nError response from daemon: Invalid detach keys (foo) provided\n',
    });
  });

  it('says that an image is missing before it is pulled, and not with --pull never', async () => {
    const refuse: Engine['refuse'] = {
      '/containers/create': [404, 'No such image: nosuch:latest'],
      '/images/create': [404, 'pull access denied for nosuch'],
    };
    const { run, seen } = await createEngine({ refuse });
    const hint = "\n\nRun 'davit run --help' for more information\n";
    expect(await run('run', 'nosuch')).toEqual({
      exit: 125,
      out: '',
      err: `Unable to find image 'nosuch:latest' locally\ndavit: Error response from daemon: pull access denied for nosuch${hint}`,
    });
    expect(seen.at(-1)).toMatch(/^POST \/images\/create\?fromImage=/);
    expect(await run('run', '--pull', 'never', 'nosuch')).toMatchObject({
      err: `davit: Error response from daemon: No such image: nosuch:latest${hint}`,
    });
  });
});

describe('create', () => {
  it('prints the ID, and tells of errors of the engine without a hint', async () => {
    const { run } = await createEngine({});
    expect(await run('create', 'busybox')).toEqual({ exit: 0, out: 'abc\n', err: 'WARNING: no swap\n' });
    const refusing = await createEngine({ refuse: { '/create': [409, 'the name is taken'] } });
    expect(await refusing.run('create', 'busybox')).toEqual({
      exit: 1,
      out: '',
      err: 'Error response from daemon: the name is taken\n',
    });
  });
});

describe('start', () => {
  it('starts what can be started and names the rest', async () => {
    const { run } = await createEngine({ refuse: { '/containers/b/start': [404, 'No such container: b'] } });
    expect(await run('start', 'a', 'b')).toEqual({
      exit: 1,
      out: 'a\n',
      err: 'Error response from daemon: No such container: b\nError: failed to start containers: b\n',
    });
  });
});
