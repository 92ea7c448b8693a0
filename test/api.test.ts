import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { loadBusybox } from './support/contents.ts';
import { createEngine, type Engine } from './support/engine.ts';
import { againstOriginal, useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine();

interface Answer {
  status: number;
  type: string;
  body: string;
}

/** Asks with curl, as a person does. */
async function ask(of: Engine, method: string, path: string, body?: string): Promise<Answer> {
  const sent = body === undefined ? [] : ['-H', 'Content-Type: application/json', '-d', body];
  const format = '\n%{http_code} %{content_type}';
  const { stdout } = await run('curl', [
    '-s',
    '--max-time',
    '10',
    '-X',
    method,
    '--unix-socket',
    of.socket,
    '-w',
    format,
    ...sent,
    `http://d${path}`,
  ]);
  const end = stdout.lastIndexOf('\n');
  const [status = '', type = ''] = stdout.slice(end + 1).split(' ');
  return { status: Number(status), type: type.replace(/;.*/, ''), body: stdout.slice(0, end) };
}

/** The form of a JSON value: names and types, not values. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? [shape(value[0])] : [];
  if (value === null || typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]));
}

describe('the API, side by side with the original engine', () => {
  let original: Engine;
  beforeAll(async () => {
    original = await createEngine('dockerd');
    await original.start();
    await loadBusybox(original);
  });
  afterAll(async () => {
    await original.stop();
    await original.discard();
  });

  it.each([
    ['a list', 'GET', '/v1.41/containers/json'],
    ['a list without a version', 'GET', '/containers/json'],
    ['a version of the past that is still spoken', 'GET', '/v1.24/containers/json'],
    ['an unknown route', 'GET', '/v1.41/nosuch'],
    ['an unknown route without a version', 'GET', '/nosuch'],
    ['the root', 'GET', '/'],
    ['the wrong method', 'PUT', '/v1.41/containers/json'],
    ['a missing container', 'GET', '/v1.41/containers/nosuch/json'],
    ['the start of a missing container', 'POST', '/v1.41/containers/nosuch/start'],
    ['the stop of a missing container', 'POST', '/v1.41/containers/nosuch/stop'],
    ['the kill of a missing container', 'POST', '/v1.41/containers/nosuch/kill'],
    ['the logs of a missing container', 'GET', '/v1.41/containers/nosuch/logs?stdout=1'],
    ['the removal of a missing container', 'DELETE', '/v1.41/containers/nosuch'],
    ['a wait for a missing container', 'POST', '/v1.41/containers/nosuch/wait'],
    ['a resize of a missing container', 'POST', '/v1.41/containers/nosuch/resize?h=1&w=1'],
    ['an exec in a missing container', 'POST', '/v1.41/containers/nosuch/exec', '{"Cmd":["true"]}'],
    ['a missing exec', 'GET', '/v1.41/exec/nosuch/json'],
    ['the removal of a missing image', 'DELETE', '/v1.41/images/nosuch'],
    ['a container of a missing image', 'POST', '/v1.41/containers/create', '{"Image":"nosuch"}'],
    ['logs without a stream', 'GET', '/v1.41/containers/fixture/logs'],
    ['a bad name', 'POST', '/v1.41/containers/create?name=%20bad', '{"Image":"busybox"}'],
    ['the start of one that runs', 'POST', '/v1.41/containers/running/start'],
    ['the stop of one that is stopped', 'POST', '/v1.41/containers/fixture/stop'],
    ['the kill of one that is stopped', 'POST', '/v1.41/containers/fixture/kill'],
    ['an unknown filter', 'GET', '/v1.41/containers/json?filters=%7B%22nosuch%22%3A%5B%22a%22%5D%7D'],
    ['an exec in one that is stopped', 'POST', '/v1.41/containers/fixture/exec', '{"Cmd":["true"]}'],
    ['an exec of nothing', 'POST', '/v1.41/containers/running/exec', '{}'],
  ])('answers %s with the same status, type and message', async (_what, method, path, body?: string) => {
    for (const each of [original, engine]) {
      if ((await ask(each, 'GET', '/containers/fixture/json')).status === 404) {
        await ask(each, 'POST', '/containers/create?name=fixture', '{"Image":"busybox","Cmd":["true"]}');
        await ask(
          each,
          'POST',
          '/containers/create?name=running',
          '{"Image":"busybox","Cmd":["sleep","1000"]}',
        );
        await ask(each, 'POST', '/containers/running/start');
      }
    }
    const expected = await ask(original, method, path, body);
    const actual = await ask(engine, method, path, body);
    const withoutIds = ({ status, type, body: text }: Answer) => ({
      status,
      type,
      // Newer engines begin their messages with a small letter.
      body: text
        .replace(/[0-9a-f]{64}/g, 'ID')
        .trim()
        .toLowerCase(),
    });
    if (expected.status >= 400) expect(withoutIds(actual)).toEqual(withoutIds(expected));
    else expect({ ...actual, body: '' }).toEqual({ ...expected, body: '' });
  });

  it.each([
    ['a missing image', 'GET', '/images/nosuch/json', 404, /No such image: nosuch/],
    [
      'the removal of one that runs',
      'DELETE',
      '/containers/running',
      409,
      /remove .*container.* force remove/,
    ],
    ['a bad filter', 'GET', '/containers/json?filters=%7Bbad', 400, /invalid/],
    ['a bad signal', 'POST', '/containers/running/kill?signal=NOSUCH', 400, /invalid signal: NOSUCH/i],
  ])('answers %s as newer engines do', async (_what, method, path, status, words) => {
    const answer = await ask(engine, method, path);
    expect(JSON.parse(answer.body)).toEqual({ message: expect.stringMatching(words) });
    if (!againstOriginal.engine) expect(answer.status).toBe(status);
  });

  it.each([
    ['no JSON', '/v1.41/containers/create', '{'],
    ['another type', '/v1.41/containers/create', '{"Image":7}'],
    ['no object', '/v1.41/containers/create', '[]'],
    ['two values', '/v1.41/containers/create', '{"Image":"busybox"}{"Image":"busybox"}'],
  ])('refuses a body that is %s with 400 and a message', async (_what, path, body) => {
    const answer = await ask(engine, 'POST', path, body);
    // dockerd 20.10 called them its own failure, and read no further than the first value.
    const expected = againstOriginal.engine ? expect.toBeOneOf([400, 500, 201]) : 400;
    expect(answer).toMatchObject({ status: expected, type: 'application/json' });
    if (answer.status < 400) return;
    expect(shape(JSON.parse(answer.body))).toEqual({ message: 'string' });
  });

  it('refuses a version that is newer than itself, in the words of the original', async () => {
    const expected = await ask(original, 'GET', '/v1.999/containers/json');
    const actual = await ask(engine, 'GET', '/v1.999/containers/json');
    const withoutVersion = (body: string) => body.replace(/version is \d+\.\d+/, 'version is N').trim();
    expect(actual.status).toBe(400);
    expect(withoutVersion(actual.body)).toBe(withoutVersion(expected.body));
  });

  // Older engines had no oldest version.
  it.skipIf(againstOriginal.engine)('refuses a version that is older than 1.24', async () => {
    const { status, body } = await ask(engine, 'GET', '/v1.23/containers/json');
    expect(status).toBe(400);
    expect(JSON.parse(body).message).toMatch(
      /^client version 1\.23 is too old\. Minimum supported API version is 1\.24/,
    );
  });

  it('has the fields of the original in inspect, list, version and info', async () => {
    const paths = [
      '/v1.41/containers/running/json',
      '/v1.41/containers/json',
      '/v1.41/version',
      '/v1.41/info',
      '/v1.41/images/json',
      '/v1.41/images/busybox/json',
    ];
    for (const path of paths) {
      const names = async (of: Engine) => {
        const value = JSON.parse((await ask(of, 'GET', path)).body);
        return Object.keys((Array.isArray(value) ? value[0] : value) ?? {});
      };
      const has = await names(engine);
      // Gone from the API since, or of a feature (swarm, AppArmor…) that this engine has not.
      const gone = [
        'ContainerConfig',
        'Container',
        'KernelMemory',
        'KernelMemoryTCP',
        'ClusterStore',
        'ClusterAdvertise',
        'SystemStatus',
        'VirtualSize',
        'HostnamePath',
        'CDISpecDirs',
      ];
      expect(
        (await names(original)).filter((name) => !has.includes(name) && !gone.includes(name)),
        path,
      ).toEqual([]);
    }
  });
});

describe('ping', () => {
  it('tells version and kind of engine in its headers, to HEAD too', async () => {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await engine.request(method, '/_ping');
      expect(status).toBe(200);
      expect(body).toBe(method === 'GET' ? 'OK' : '');
      expect(headers).toMatchObject({
        ostype: 'linux',
        'docker-experimental': 'false',
        'content-type': expect.stringContaining('text/plain'),
      });
      expect(headers['api-version']).toMatch(/^1\.\d+$/);
      expect(headers.server).toMatch(/^\w+\/\S+/);
    }
  });
});

describe('several engines', () => {
  it('run side by side and do not see each other', async () => {
    const second = await createEngine(engine.kind);
    try {
      await second.start();
      await loadBusybox(second);
      await davit.ok('run', '-d', '--name', 'mine', 'busybox', 'sleep', '1000');
      const create = await ask(
        second,
        'POST',
        '/containers/create?name=mine',
        '{"Image":"busybox","Cmd":["sleep","1000"]}',
      );
      expect(create.status).toBe(201);
      expect((await ask(second, 'POST', '/containers/mine/start')).status).toBe(204);
      const list = JSON.parse((await ask(second, 'GET', '/containers/json')).body) as { Names: string[] }[];
      expect(list.map((container) => container.Names)).toEqual([['/mine']]);
      await ask(second, 'DELETE', '/containers/mine?force=1');
      expect(await davit.ok('exec', 'mine', 'echo', 'alive')).toBe('alive');
      await davit.ok('rm', '-f', 'mine');
    } finally {
      await second.stop();
      await second.discard();
    }
  });

  it('do not share a data root', async () => {
    const [program = '', ...args] = engine.network.enter([
      engine.kind === 'davitd' ? 'bin/davitd' : 'dockerd',
      ...[
        '--data-root',
        engine.dataRoot,
        '--exec-root',
        engine.execRoot,
        '-H',
        `unix://${engine.directory}/second.sock`,
      ],
      ...['-p', `${engine.directory}/second.pid`],
    ]);
    const { code } = await run(program, args, { timeout: 20_000 });
    expect(code).not.toBe(0);
    expect((await engine.request('GET', '/_ping')).status).toBe(200);
  });
});
