import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { frameHeader } from '@davit/api';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../dispatch.ts';
import { createInput, createOutput } from '../terminal/streams.ts';

/** Commands on an engine that gives canned answers and notes what it was asked. */
const directory = mkdtempSync(join(tmpdir(), 'davit-everyday-'));
const socket = join(directory, 'engine.sock');
const id = 'ab'.repeat(32);

type Answer = { status?: number; body?: unknown; bytes?: Uint8Array };
let answers: Record<string, Answer>;
let asked: string[];

const frame = (stream: 1 | 2, line: string) => [...frameHeader(stream, line.length), ...Buffer.from(line)];

const server = createServer(async (request, response) => {
  const path = decodeURIComponent((request.url ?? '').replace(/^\/v[\d.]+/, ''));
  await text(request);
  response.setHeader('Api-Version', '1.51');
  if (path === '/_ping') return void response.end('OK');
  asked.push(`${request.method} ${path}`);
  const {
    status = 200,
    body,
    bytes,
  } = answers[`${request.method} ${path.replace(/\?.*/, '')}`] ?? {
    status: 404,
    body: { message: `No such thing: ${path}` },
  };
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(bytes ?? (body === undefined ? undefined : JSON.stringify(body)));
});
server.listen(socket);

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

beforeEach(() => {
  answers = {};
  asked = [];
});

async function davit(...args: string[]) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const code = await runCommandLine(args, {
    program: 'davit',
    streams: {
      in: createInput(() => new PassThrough()),
      out: createOutput(out, {}),
      err: createOutput(err, {}),
    },
    environment: { HOME: directory, DOCKER_CONFIG: directory, DOCKER_HOST: `unix://${socket}` },
    interruption: () => new AbortController().signal,
  });
  const read = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
  return { code, out: read(out), err: read(err) };
}

const container = {
  Id: id,
  Names: ['/web'],
  Image: 'busybox',
  ImageID: `sha256:${id}`,
  Command: 'sh',
  Created: 1,
  Ports: [],
  Labels: {},
  State: 'running',
  Status: 'Up 2 minutes',
  SizeRw: 5,
  SizeRootFs: 10,
};

describe('ps', () => {
  beforeEach(() => {
    answers['GET /containers/json'] = { body: [container] };
  });

  it.each([
    [['ps'], 'GET /containers/json'],
    [['ps', '-a', '-s'], 'GET /containers/json?all=1&size=1'],
    [['ps', '-l'], 'GET /containers/json?limit=1'],
    [['ps', '-n', '3', '-l'], 'GET /containers/json?limit=3'],
    [['ps', '--format', '{{.Size}}'], 'GET /containers/json?size=1'],
    [['ps', '--format', '{{upper .Size}}'], 'GET /containers/json?size=1'],
    [['ps', '--format', '{{.Size}}', '--size=false'], 'GET /containers/json'],
    [['ps', '--format', 'json'], 'GET /containers/json'],
    [
      ['container', 'ls', '-f', 'name=a', '-f', 'name=b'],
      'GET /containers/json?filters={"name":{"a":true,"b":true}}',
    ],
  ])('%j asks %s', async (args, request) => {
    expect((await davit(...args)).code).toBe(0);
    expect(asked).toEqual([request]);
  });

  it('prints a table, IDs, or what a template makes of it', async () => {
    expect((await davit('ps', '--format', 'table {{.ID}}\\t{{.Names}}')).out).toBe(
      'CONTAINER ID   NAMES\nabababababab   web\n',
    );
    expect(await davit('ps', '-q', '--format', '{{.Names}}')).toEqual({
      code: 0,
      out: 'abababababab\n',
      err: 'WARNING: Ignoring custom format, because both --format and --quiet are set.\n',
    });
  });

  it('tries a template before it asks the engine', async () => {
    expect(await davit('ps', '--format', '{{.Nope}}')).toEqual({
      code: 1,
      out: '',
      err: 'failed to execute template: template: :1:2: executing "" at <.Nope>: can\'t evaluate field Nope in type *formatter.ContainerContext\n',
    });
    expect(asked).toEqual([]);
  });

  it('takes its format from config.json', async () => {
    writeFileSync(join(directory, 'config.json'), '{"psFormat":"{{.Names}}!"}');
    expect((await davit('ps')).out).toBe('web!\n');
    expect((await davit('ps', '-q')).out).toBe('abababababab\n');
    rmSync(join(directory, 'config.json'));
  });
});

describe('inspect', () => {
  it('looks among all kinds, and prints JSON as it came', async () => {
    answers['GET /images/x/json'] = { bytes: Buffer.from('{"b":12345678901234567890,"a":"<>"}') };
    expect(await davit('inspect', 'x')).toEqual({
      code: 0,
      out: '[\n    {\n        "b": 12345678901234567890,\n        "a": "<>"\n    }\n]\n',
      err: '',
    });
    expect(asked).toEqual(['GET /containers/x/json', 'GET /images/x/json']);
  });

  it('tells what is missing after what was found', async () => {
    answers['GET /info'] = { body: { Swarm: { ControlAvailable: false } } };
    answers['GET /containers/a/json'] = { body: { Name: '/a' } };
    expect(await davit('inspect', '-f', '{{.Name}}', 'a', 'missing')).toEqual({
      code: 1,
      out: '/a\n',
      err: 'Error: No such object: missing\n',
    });
    expect(await davit('inspect', 'missing')).toEqual({
      code: 1,
      out: '[]\n',
      err: 'Error: No such object: missing\n',
    });
  });

  it('keeps to one kind when it is told to', async () => {
    answers['GET /networks/x'] = { body: { Name: 'x' } };
    expect(await davit('inspect', '--type', 'network', '-s', '-f', '{{.Name}}', 'x')).toEqual({
      code: 0,
      out: 'x\n',
      err: 'WARNING: --size ignored for network\n',
    });
    expect((await davit('inspect', '--type', 'nope', 'x')).err).toMatch(
      /^unknown type: "nope": must be one of "config", "container",/,
    );
  });
});

describe('logs', () => {
  beforeEach(() => {
    answers['GET /containers/web/json'] = { body: { Id: id, Config: { Tty: false } } };
    answers[`GET /containers/${id}/logs`] = {
      bytes: Uint8Array.from([...frame(1, 'out\n'), ...frame(2, 'err\n')]),
    };
  });

  it('takes the two streams apart', async () => {
    expect(await davit('logs', '-t', '--tail', '5', '--since', '1700000000', 'web')).toEqual({
      code: 0,
      out: 'out\n',
      err: 'err\n',
    });
    expect(asked[1]).toBe(
      `GET /containers/${id}/logs?stdout=1&stderr=1&since=1700000000&timestamps=1&tail=5`,
    );
  });

  it('copies the output of a terminal as it is', async () => {
    answers['GET /containers/web/json'] = { body: { Id: id, Config: { Tty: true } } };
    answers[`GET /containers/${id}/logs`] = { bytes: Buffer.from('tty\r\n') };
    expect((await davit('logs', 'web')).out).toBe('tty\r\n');
  });

  it('refuses what is no time', async () => {
    expect((await davit('logs', '--until', 'noon', 'web')).err).toBe(
      'invalid value for "until": failed to parse value as time or duration: "noon"\n',
    );
  });
});

describe('events', () => {
  const event =
    '{"Type":"container","Action":"die","Actor":{"ID":"abc","Attributes":{"name":"web","exitCode":"3"}},"scope":"local","time":1700000000,"timeNano":1700000000123456789}';

  beforeEach(() => {
    answers['GET /events'] = { bytes: Buffer.from(`${event}\n${event}`) };
  });

  it('prints a line for each', async () => {
    const { out } = await davit('events', '--since', '0', '--until', '2000000000', '-f', 'type=container');
    expect(out.split('\n')).toHaveLength(3);
    expect(out).toMatch(
      /^2023-11-1\dT\d\d:\d\d:20\.123456789\S* container die abc \(exitCode=3, name=web\)\n/,
    );
    expect(asked).toEqual(['GET /events?since=0&until=2000000000&filters={"type":{"container":true}}']);
  });

  it('keeps every digit of their times', async () => {
    expect((await davit('events', '--format', '{{.TimeNano}} {{json .Actor.Attributes}}')).out).toBe(
      '1700000000123456789 {"exitCode":"3","name":"web"}\n'.repeat(2),
    );
    expect((await davit('events', '--format', 'json')).out).toBe(
      `${event}\n`
        .repeat(2)
        .replaceAll(
          '"Attributes":{"name":"web","exitCode":"3"}',
          '"Attributes":{"exitCode":"3","name":"web"}',
        ),
    );
  });

  it('tries a template first', async () => {
    expect(await davit('events', '--format', '{{.Nope')).toMatchObject({ code: 64, out: '' });
    expect(asked).toEqual([]);
  });
});

describe('stop, kill, restart and rm', () => {
  it('go on after what fails and print the names that worked', async () => {
    answers['POST /containers/a/stop'] = { status: 204 };
    answers['POST /containers//c/stop'] = { status: 304 };
    expect(await davit('stop', '-t', '1', '-s', 'INT', 'a', 'b', '/c')).toEqual({
      code: 1,
      out: 'a\n/c\n',
      err: 'Error response from daemon: No such thing: /containers/b/stop?signal=INT&t=1\n',
    });
  });

  it('remove what is missing without a failure when they are forced to', async () => {
    answers['DELETE /containers/a'] = { status: 204 };
    expect(await davit('rm', '-fv', 'missing', '/a/')).toEqual({
      code: 0,
      out: '/a/\n',
      err: 'Error response from daemon: No such thing: /containers/missing?v=1&force=1\n',
    });
    expect((await davit('rm', 'missing')).code).toBe(1);
    expect((await davit('rm', '/')).err).toBe('container name cannot be empty\n');
  });

  it('announce a flag that is going out of use', async () => {
    answers['POST /containers/a/restart'] = { status: 204 };
    expect((await davit('restart', '--time', '3', 'a')).out).toBe(
      'Flag --time has been deprecated, use --timeout instead\na\n',
    );
    expect(asked).toEqual(['POST /containers/a/restart?t=3']);
  });
});

describe('rmi', () => {
  it('prints what was taken away', async () => {
    answers['DELETE /images/web:1'] = { body: [{ Untagged: 'web:1' }, { Deleted: `sha256:${id}` }] };
    expect((await davit('rmi', '--no-prune', 'web:1')).out).toBe(`Untagged: web:1\nDeleted: sha256:${id}\n`);
    expect(asked).toEqual(['DELETE /images/web:1?noprune=1']);
    expect((await davit('rmi', 'missing')).code).toBe(1);
    expect(await davit('rmi', '-f', 'missing')).toMatchObject({ code: 0, out: '' });
  });
});

describe('names of images', () => {
  const upper = 'invalid reference format: repository name (library/A b) must be lowercase';

  // Recorded from docker 28.2.2: no engine is asked.
  it.each([
    [['pull', 'A b'], 1, `${upper}\n`],
    [['push', 'A b'], 1, `${upper}\n`],
    [['create', 'A b'], 1, `${upper}\n`],
    [['run', 'A b'], 125, `davit: ${upper}\n\nRun 'davit run --help' for more information\n`],
    [['commit', 'web', 'A b'], 1, `${upper}\n`],
    [['commit', 'web', 'a:'], 1, 'invalid reference format\n'],
    [['tag', 'a', 'A b'], 1, `Error parsing reference: "A b" is not a valid repository/tag: ${upper}\n`],
    [
      ['tag', 'a b', 'c'],
      1,
      'Error parsing reference: "a b" is not a valid repository/tag: invalid reference format\n',
    ],
    [['import', 'nosuch.tar', 'A b'], 1, 'open nosuch.tar: no such file or directory\n'],
  ])('%j are checked', async (args, code, err) => {
    expect(await davit(...args)).toEqual({ code, out: '', err });
    expect(asked).toEqual([]);
  });

  it('may be whole IDs where there is an image already', async () => {
    answers[`POST /images/${id}/tag`] = { status: 201 };
    expect(await davit('tag', id, 'c')).toEqual({ code: 0, out: '', err: '' });
    expect((await davit('tag', 'c', id)).err).toContain('cannot specify 64-byte hexadecimal strings');
  });
});

describe('load and import', () => {
  const archive = join(directory, 'a.tar');
  writeFileSync(archive, 'not really');

  it('send a file and show what the engine says', async () => {
    answers['POST /images/load'] = { bytes: Buffer.from('{"stream":"Loaded image: web:1\\n"}\n') };
    expect((await davit('load', '-i', archive)).out).toBe('Loaded image: web:1\n');
    answers['POST /images/create'] = { bytes: Buffer.from('{"status":"sha256:abc"}\r\n') };
    expect((await davit('import', '-c', 'CMD x', '-m', 'note', archive, 'web:2')).out).toBe('sha256:abc\n');
    expect(asked).toEqual([
      'POST /images/load',
      'POST /images/create?fromSrc=-&repo=web:2&message=note&changes=CMD+x',
    ]);
  });

  it('fail with what the engine says in the middle', async () => {
    answers['POST /images/load'] = {
      bytes: Buffer.from('{"errorDetail":{"message":"broken"},"error":"broken"}\n'),
    };
    expect(await davit('load', '-i', archive)).toEqual({ code: 1, out: '', err: 'broken\n' });
  });

  it('refuse what is no file and no name', async () => {
    expect((await davit('load', '-i', '/nosuch')).err).toBe('open /nosuch: no such file or directory\n');
    expect((await davit('load', '-i', directory)).err).toBe(`read ${directory}: is a directory\n`);
    expect((await davit('import', archive, 'Web')).err).toMatch(/must be lowercase\n$/);
  });
});

describe('rename and port', () => {
  it('tell what failed', async () => {
    expect((await davit('rename', 'a', ' ')).err).toBe('Error: Neither old nor new names may be empty\n');
    expect((await davit('rename', 'a', 'b')).err).toMatch(/\nError: failed to rename container named a\n$/);
  });

  it('show ports by their number', async () => {
    const ports = {
      '443/tcp': [{ HostIp: '::', HostPort: '8443' }],
      '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }],
    };
    answers['GET /containers/web/json'] = {
      body: { NetworkSettings: { Ports: { ...ports, '53/udp': null } } },
    };
    expect((await davit('port', 'web')).out).toBe('80/tcp -> 0.0.0.0:8080\n443/tcp -> [::]:8443\n');
    expect((await davit('port', 'web', '443')).out).toBe('[::]:8443\n');
    expect((await davit('port', 'web', '53/udp')).err).toBe(
      "Error: No public port '53/udp' published for web\n",
    );
  });
});

describe('version and info', () => {
  it('show the client even when the engine says nothing', async () => {
    const version = await davit('version', '-f', '{{.Client.Context}} {{.Server}}');
    expect(version).toMatchObject({ code: 1, out: 'default <nil>\n' });
    const info = await davit('info', '-f', '{{.ID}}|{{.ClientInfo.Context}}');
    expect(info).toMatchObject({ code: 1, out: '|default\n' });
  });

  it('make a part of an engine that lists none', async () => {
    answers['GET /version'] = {
      body: {
        Version: '9',
        ApiVersion: '1.41',
        MinAPIVersion: '1.24',
        Os: 'linux',
        Arch: 'amd64',
        BuildTime: '',
      },
    };
    const { out } = await davit('version');
    expect(out).toContain('\nServer:\n Engine:\n  Version:          9\n');
    expect(out).toContain('  API version:      1.41 (minimum version 1.24)\n');
  });

  it('keep what a template wrote before it failed', async () => {
    answers['GET /info'] = { body: { ID: 'x', Warnings: ['WARNING: w'] } };
    expect(await davit('info', '-f', '{{.ID}}{{.Nope}}')).toMatchObject({ code: 1, out: 'x\n' });
    const { out, err } = await davit('info');
    expect(out).toContain('\n ID: x\n');
    expect(err).toBe('WARNING: w\n');
  });
});
