import { endpointSettings } from '@davit/api';
import { expect, test } from 'vitest';
import type { Candidate, FilterContext } from './filters.ts';
import { selectContainers } from './filters.ts';
import { recordOf } from './fixture.ts';

const web = recordOf({
  id: 'aa11',
  name: 'web',
  created: '2026-11-25T07:00:01Z',
  config: { Labels: { tier: 'front', empty: '' }, ExposedPorts: { '80/tcp': {} } },
  hostConfig: { NetworkMode: 'default', PortBindings: { '8080/tcp': [] } },
  layers: ['base', 'app'],
  state: { status: 'running' },
});
const job = recordOf({
  id: 'bb22',
  name: 'web-job',
  created: '2026-11-25T07:00:02.5Z',
  imageId: 'sha256:2',
  layers: ['base'],
  state: { status: 'exited', exitCode: 3 },
});
const fresh = recordOf({ id: 'cc33', name: 'db', created: '2026-11-25T07:00:02.55Z', imageId: 'sha256:3' });
const candidates: Candidate[] = [
  {
    record: web,
    sandbox: {
      key: '',
      networks: { bridge: endpointSettings({ NetworkID: 'f00d' }, '') },
      ports: {},
      gateway: '',
      dns: { servers: [], search: [], options: [] },
      sysctls: {},
    },
  },
  { record: job, sandbox: null },
  { record: fresh, sandbox: null },
];
const context: FilterContext = {
  find: (name) => {
    const found = candidates.find(({ record }) => record.name === name);
    if (!found) throw new Error(`No such container: ${name}`);
    return found.record;
  },
  image: (name) => (name === 'base' ? { id: 'sha256:2', layers: ['base'] } : null),
};
const select = (filters: Record<string, string[]>, all = true, limit: number | null = null) =>
  selectContainers(candidates, { all, limit, filters }, context).map(({ record }) => record.name);

test('only what runs is listed, the youngest first when all are', () => {
  expect(select({}, false)).toEqual(['web']);
  expect(select({})).toEqual(['db', 'web-job', 'web']);
  expect(select({}, false, 2)).toEqual(['db', 'web-job']);
});

test.each<[Record<string, string[]>, string[]]>([
  [{ name: ['web'] }, ['web-job', 'web']],
  [{ name: ['^/web$'] }, ['web']],
  [{ name: ['('] }, []],
  [{ id: ['aa'] }, ['web']],
  [{ label: ['tier'] }, ['web']],
  [{ label: ['tier=front', 'empty='] }, ['web']],
  [{ label: ['tier=front', 'nosuch'] }, []],
  [{ status: ['exited', 'created'] }, ['db', 'web-job']],
  [{ exited: ['3'] }, ['web-job']],
  [{ exited: ['0'] }, []],
  [{ ancestor: ['base'] }, ['web-job', 'web']],
  [{ ancestor: ['nosuch'] }, []],
  [{ before: ['db'] }, ['web-job', 'web']],
  [{ since: ['web-job'] }, ['db']],
  [{ network: ['bridge'], status: ['running'] }, ['web']],
  [{ network: ['f00d'] }, ['web']],
  [{ publish: ['8080'] }, ['web']],
  [{ publish: ['8000-8090/udp'] }, []],
  [{ expose: ['70-90'] }, ['web']],
  [{ 'is-task': ['true'] }, []],
  [{ 'is-task': ['false'], health: ['none'] }, ['db', 'web-job', 'web']],
])('the filters %j select %j', (filters, names) => {
  expect(select(filters)).toEqual(names);
});

test('status and exit code list what does not run without being asked to', () => {
  expect(select({ status: ['exited'] }, false)).toEqual(['web-job']);
});

test.each<[Record<string, string[]>, string]>([
  [{ zz: ['a'] }, "invalid filter 'zz'"],
  [{ status: ['a'] }, "invalid filter 'status=a'"],
  [{ exited: ['a'] }, "invalid filter 'exited=a'"],
  [{ before: ['nosuch'] }, 'No such container: nosuch'],
  [{ publish: ['a'] }, 'error while looking up for publish a'],
  [{ publish: ['9-1'] }, 'error while looking up for publish 9-1'],
  [{ health: ['a'] }, 'unrecognised filter value for health: a'],
  [{ 'is-task': ['a'] }, "invalid filter 'is-task=[a]'"],
])('the filters %j are refused', (filters, message) => {
  expect(() => select(filters)).toThrow(message);
});
