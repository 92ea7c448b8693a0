import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { contextFor } from '../context.fixture.ts';
import { serveObjects } from '../format/template/testdata/engine.ts';
import { processStreams } from '../terminal/streams.ts';
import { completeLine } from './complete.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-completion-'));
const socket = join(directory, 'engine.sock');
const streams = processStreams();
let close: () => void;

const service = (Name: string, stack?: string) => ({
  ID: Name,
  Spec: {
    Name,
    Labels: stack ? { 'com.docker.stack.namespace': stack } : {},
    TaskTemplate: { ContainerSpec: { Image: 'nginx:1@sha256:0' } },
  },
});

const objects = {
  '/containers/json': [{ Names: ['/web', '/other/alias'], Image: 'nginx', Status: 'Up' }],
  '/images/json': [{ RepoTags: ['busybox:latest'] }, { RepoTags: null }],
  '/networks': [{ Name: 'front', Driver: 'overlay' }],
  '/volumes': { Volumes: [{ Name: 'data', Driver: 'local' }] },
  '/services': [service('proxy'), service('shop_api', 'shop'), service('shop_db', 'shop')],
  '/nodes': [
    { ID: 'e', Spec: { Role: 'manager', Availability: 'active' }, Description: { Hostname: 'north' } },
  ],
  '/secrets': [{ ID: 'f', Spec: { Name: 'password' } }],
  '/configs': [{ ID: 'g', Spec: { Name: 'settings' } }],
};

beforeAll(async () => {
  // The engine has all the time it needs.
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal);
  close = await serveObjects(objects, socket);
});
afterAll(() => {
  vi.restoreAllMocks();
  close();
  rmSync(directory, { recursive: true });
});

async function complete(line: string, host = `unix://${socket}`): Promise<string> {
  return completeLine(line.split(' '), () => contextFor(host, directory, streams));
}

/** The words that are offered, and the number that says how. */
async function offered(line: string): Promise<string[]> {
  return (await complete(line))
    .trimEnd()
    .split('\n')
    .map((one) => one.replace(/\t.*/, ''));
}

describe('completion of names in a Swarm', () => {
  it.each([
    ['service rm ', ['proxy', 'shop_api', 'shop_db', ':4']],
    ['service rm proxy shop_', ['shop_api', 'shop_db', ':4']],
    ['service update --image busy', ['busybox', 'busybox:latest', ':4']],
    ['service update pr', ['proxy', ':4']],
    ['service logs -f pr', ['proxy', ':4']],
    ['service scale pr', ['proxy=', ':6']],
    ['service create --secret ', ['password', ':4']],
    ['service create --config ', ['settings', ':4']],
    ['service update --config-rm ', ['settings', ':4']],
    ['service create --network ', ['front', ':4']],
    ['service create --mode=glob', ['--mode=global', '--mode=global-job', ':4']],
    ['service ps --filter desired-state=r', ['desired-state=running', ':4']],
    ['stack ps ', ['shop', ':4']],
    ['stack rm sh', ['shop', ':4']],
    ['stack deploy -c ', [':0']],
    ['node inspect ', ['north', 'self', ':4']],
    ['node update --availability dr', ['drain', ':4']],
    ['node ls --filter ro', ['role=', ':6']],
    ['secret inspect ', ['password', ':4']],
    ['secret create ', [':4']],
    ['secret create new ', [':0']],
    ['config rm ', ['settings', ':4']],
    ['swarm join-token ', ['worker', 'manager', ':4']],
  ])('%s: %j', async (line, words) => {
    expect(await offered(line)).toEqual(words);
  });

  it('describes them', async () => {
    expect(await complete('service rm pr')).toBe('proxy\tnginx:1\n:4\n');
    expect(await complete('node rm n')).toBe('north\tmanager, active\n:4\n');
  });

  it('is silent where no engine answers', async () => {
    expect(await complete('service rm ', `unix://${directory}/none.sock`)).toBe(':4\n');
  });
});

describe('completion of names on one machine', () => {
  it.each([
    ['inspect ', ['web', 'busybox', 'busybox:latest', 'front', 'data', ':4']],
    ['stop ', ['web', ':4']],
    ['ps --filter sta', ['status=', ':6']],
    ['volume create ', [':4']],
  ])('%s: %j', async (line, words) => {
    expect(await offered(line)).toEqual(words);
  });
});
