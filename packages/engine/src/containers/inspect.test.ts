import { endpointSettings } from '@davit/api';
import { expect, test } from 'vitest';
import { parseTime } from '../clock.ts';
import type { Sandbox } from '../networks/service.ts';
import type { Context } from './context.ts';
import { recordOf } from './fixture.ts';
import { inspectContainer, listPorts, summarize } from './inspect.ts';
import { describeCommand, describeStatus } from './status.ts';
import { never } from './times.ts';

const sandbox: Sandbox = {
  key: '/run/netns/x',
  networks: {
    bridge: endpointSettings({ IPAddress: '172.30.0.2', IPPrefixLen: 16, Gateway: '172.30.0.1' }, ''),
  },
  ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }], '81/udp': null },
  gateway: '172.30.0.1',
  dns: { servers: [], search: [], options: [] },
  sysctls: {},
};
const context = (found: Sandbox | null) =>
  ({
    folder: (id: string) => `/data/containers/${id}`,
    logs: { path: (id: string) => `/data/containers/${id}/ctr.log` },
    roots: { describe: () => ({ MergedDir: '/merged' }) },
    networks: { describe: () => found },
  }) as unknown as Context;
const at = parseTime('2026-11-25T08:00:00Z') ?? 0n;

test.each([
  [{ status: 'created' }, 'Created'],
  [{ status: 'running', startedAt: '2026-11-25T07:58:00Z' }, 'Up 2 minutes'],
  [{ status: 'paused', startedAt: '2026-11-25T07:00:00Z' }, 'Up About an hour (Paused)'],
  [{ status: 'restarting', exitCode: 1, finishedAt: '2026-11-25T07:59:59Z' }, 'Restarting (1) 1 second ago'],
  [{ status: 'exited', exitCode: 137, finishedAt: '2026-11-25T07:59:57Z' }, 'Exited (137) 3 seconds ago'],
  [{ status: 'removing' }, 'Removal In Progress'],
] as const)('%j is "%s"', (state, text) => {
  expect(describeStatus(recordOf({ state }).state, at)).toBe(text);
});

test('words with blanks are quoted in the command', () => {
  expect(describeCommand(recordOf({ command: ['echo', 'two words', 'x'] }))).toBe("echo 'two words' x");
});

test('ports are listed one binding a line', () => {
  expect(listPorts(sandbox.ports)).toEqual([
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { PrivatePort: 81, Type: 'udp' },
  ]);
});

test('inspect shows paths and addresses of what runs', () => {
  const record = recordOf({
    config: { Image: 'busybox', Tty: true, Labels: {} },
    hostConfig: { NetworkMode: 'default', LogConfig: { Type: 'json-file' } },
    state: { status: 'running', pid: 42, startedAt: '2026-11-25T07:58:00Z' },
  });
  const shown = inspectContainer(context(sandbox), record, ['e1']);
  expect(shown).toMatchObject({
    Name: '/web',
    State: { Status: 'running', Running: true, Paused: false, Pid: 42, FinishedAt: never },
    HostsPath: `/data/containers/${record.id}/hosts`,
    LogPath: `/data/containers/${record.id}/ctr.log`,
    ExecIDs: ['e1'],
    GraphDriver: { Name: 'overlay2', Data: { MergedDir: '/merged' } },
    NetworkSettings: { IPAddress: '172.30.0.2', Gateway: '172.30.0.1', SandboxKey: '/run/netns/x' },
  });
  expect(shown.Config).not.toHaveProperty('Healthcheck');
  expect(shown.HostConfig).not.toHaveProperty('Tmpfs');
  expect(shown.Config).toMatchObject({ Tty: true, Labels: {}, Entrypoint: null });
});

test('a container that never ran is in its network without being there', () => {
  const shown = inspectContainer(context(null), recordOf({}), []);
  expect(shown).toMatchObject({ ResolvConfPath: '', LogPath: '', ExecIDs: null });
  expect(shown.NetworkSettings.Networks.bridge).toMatchObject({ NetworkID: '', IPAddress: '' });
  expect(summarize(recordOf({}), null, 'busybox', at)).toMatchObject({
    Names: ['/web'],
    Created: 1795590000,
    Image: 'busybox',
    Ports: [],
    Status: 'Created',
    HostConfig: { NetworkMode: 'default' },
  });
});
