import { type ContainerConfig, containerConfig, type ImageConfig, zero } from '@davit/api';
import { expect, test } from 'vitest';
import { commandOf, mergeConfig } from './config.ts';

const image: ImageConfig = {
  User: '1000',
  Env: ['PATH=/bin', 'MODE=image'],
  Cmd: ['from', 'image'],
  Entrypoint: ['/bin/echo'],
  WorkingDir: '/srv/',
  Labels: { tier: 'image', version: '1' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/data': {} },
  StopSignal: 'SIGINT',
  Healthcheck: { Test: ['CMD', 'true'], Interval: 5, Retries: 3 },
};
const merge = (user: Partial<ContainerConfig>, from: ImageConfig = image) =>
  mergeConfig({ ...zero(containerConfig), ...user }, from);

test('what the user leaves out comes from the image', () => {
  expect(merge({})).toMatchObject({
    User: '1000',
    Env: ['PATH=/bin', 'MODE=image'],
    WorkingDir: '/srv',
    Labels: { tier: 'image', version: '1' },
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/data': {} },
    StopSignal: 'SIGINT',
    Healthcheck: { Test: ['CMD', 'true'], Interval: 5, Timeout: 0, Retries: 3 },
  });
});

test('what the user gives stands first and wins', () => {
  const config = merge({
    User: 'root',
    Env: ['MODE=mine', 'EMPTY='],
    Labels: { tier: 'mine' },
    ExposedPorts: { '90/udp': {} },
    Healthcheck: { Test: null, Interval: 9, Timeout: 0, StartPeriod: 0, StartInterval: 0, Retries: 0 },
  });
  expect(config.User).toBe('root');
  expect(config.Env).toEqual(['MODE=mine', 'EMPTY=', 'PATH=/bin']);
  expect(config.Labels).toEqual({ tier: 'mine', version: '1' });
  expect(Object.keys(config.ExposedPorts ?? {}).sort()).toEqual(['80/tcp', '90/udp']);
  expect(config.Healthcheck).toMatchObject({ Test: ['CMD', 'true'], Interval: 9, Retries: 3 });
});

test.each<[string, Partial<ContainerConfig>, string[]]>([
  ['nothing', {}, ['/bin/echo', 'from', 'image']],
  ['a command', { Cmd: ['mine'] }, ['/bin/echo', 'mine']],
  ['an entrypoint', { Entrypoint: ['sh'] }, ['sh']],
  ['both', { Entrypoint: ['sh'], Cmd: ['-c', 'x'] }, ['sh', '-c', 'x']],
  ['an entrypoint taken away', { Entrypoint: [''], Cmd: ['ls'] }, ['ls']],
])('with %s given, the right program runs', (_, user, words) => {
  const { path, args } = commandOf(merge(user));
  expect([path, ...args]).toEqual(words);
});

test('without any command there is no container', () => {
  expect(() => merge({ Entrypoint: [''] })).toThrow('no command specified');
  expect(() => merge({}, {})).toThrow('no command specified');
});

test('a working directory is absolute', () => {
  expect(() => merge({ WorkingDir: 'rel' })).toThrow(
    "the working directory 'rel' is invalid, it needs to be an absolute path",
  );
  expect(merge({ WorkingDir: '/a/../b/./c/' }).WorkingDir).toBe('/b/c');
  expect(merge({ WorkingDir: '/' }).WorkingDir).toBe('/');
});
