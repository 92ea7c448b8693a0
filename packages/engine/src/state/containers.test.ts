import { containerCreateBody, zero } from '@davit/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineError } from '../errors.ts';
import { type ContainerRecord, createContainerStore, isRunning, schema } from './containers.ts';
import { type Database, openDatabase } from './database.ts';

let database: Database;
beforeEach(() => {
  database = openDatabase(':memory:', [schema]);
});
afterEach(() => database.close());

function record(id: string, name: string): ContainerRecord {
  const { HostConfig, NetworkingConfig: _, ...config } = zero(containerCreateBody);
  return {
    id,
    name,
    created: '2026-11-25T07:00:00.5Z',
    imageId: 'sha256:1',
    layers: [],
    path: 'sh',
    args: [],
    config,
    hostConfig: HostConfig,
    endpoints: {},
    mounts: [],
    state: {
      status: 'created',
      pid: 0,
      boot: '',
      exitCode: 0,
      error: '',
      oomKilled: false,
      startedAt: '',
      finishedAt: '',
      restartCount: 0,
      stoppedByHand: false,
      holdsResources: false,
    },
  };
}

test('a container is found by name, with or without slash, by ID and by the beginning of its ID', () => {
  const store = createContainerStore(database);
  store.insert(record('abc1', 'web'));
  for (const name of ['web', '/web', 'abc1', 'ab']) expect(store.find(name).id).toBe('abc1');
});

test('what is not there and what is not clear is said in docker words', () => {
  const store = createContainerStore(database);
  store.insert(record('abc1', 'web'));
  store.insert(record('abc2', 'db'));
  expect(() => store.find('nosuch')).toThrow(new EngineError('notFound', 'No such container: nosuch'));
  expect(() => store.find('abc')).toThrow('multiple IDs found with provided prefix: abc');
  expect(store.find('abc2').name).toBe('db');
});

test('a name is given once', () => {
  const store = createContainerStore(database);
  store.insert(record('abc1', 'web'));
  expect(() => store.insert(record('abc2', 'web'))).toThrow(
    'Conflict. The container name "/web" is already in use by container "abc1". You have to remove (or rename) that container to be able to reuse that name.',
  );
  expect(store.all()).toHaveLength(1);
  store.remove('abc1');
  store.insert(record('abc2', 'web'));
});

test('a change of state is on disk and leaves earlier records as they were', () => {
  const store = createContainerStore(database);
  const before = record('abc1', 'web');
  store.insert(before);
  store.setState('abc1', { status: 'running', pid: 42 });
  expect(before.state.status).toBe('created');
  const again = createContainerStore(database).find('web');
  expect(again.state).toMatchObject({ status: 'running', pid: 42 });
  expect(isRunning(again)).toBe(true);
  expect(again).toEqual(store.find('web'));
});

test('a renamed container is found by its new name, also by the next engine', () => {
  const store = createContainerStore(database);
  store.insert(record('abc1', 'web'));
  store.insert(record('abc2', 'db'));
  expect(() => store.rename('abc1', 'db')).toThrow('Conflict. The container name "/db" is already in use');
  expect(store.rename('abc1', 'www').name).toBe('www');
  expect(() => store.find('web')).toThrow('No such container: web');
  expect(createContainerStore(database).find('www')).toEqual(store.find('abc1'));
  store.insert(record('abc3', 'web'));
});

test('an image knows who uses it', () => {
  const store = createContainerStore(database);
  store.insert(record('abc1', 'web'));
  store.setState('abc1', { status: 'running' });
  expect(store.containersUsing('sha256:1')).toEqual([{ id: 'abc1', name: 'web', running: true }]);
  expect(store.containersUsing('sha256:2')).toEqual([]);
});
