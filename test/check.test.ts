import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { root } from './support/engine.ts';

const directory = mkdtempSync(`${tmpdir()}/davit-test-check-`);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const env = {
  PATH: process.env.PATH,
  HOME: directory,
  DOCKER_HOST: 'unix:///nonexistent',
  DAVIT_DATA_ROOT: `${directory}/data`,
  DAVIT_EXEC_ROOT: `${directory}/exec`,
  DAVIT_SOCKET: `${directory}/exec/davit.sock`,
};
const check = (args: string[], more: NodeJS.ProcessEnv = {}) =>
  run(`${root}/bin/davit`, ['system', 'check', ...args], { env: { ...env, ...more } });

interface Row {
  Name: string;
  Status: string;
  Detail: string;
  Remedy: string;
}
const rowsOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

it('finds what the tests themselves run on, and leaves nothing behind', async () => {
  const { code, stdout, stderr } = await check(['--format', 'json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = rowsOf(stdout);
  expect(rows.filter(({ Status }) => Status === 'missing' || Status === 'unknown')).toEqual([]);
  const detail = Object.fromEntries(rows.map(({ Name, Detail }) => [Name, Detail]));
  expect(detail).toMatchObject({
    overlayfs: expect.stringMatching(/^works on /),
    veth: 'works',
    bridge: 'works',
    nftables: 'takes the rules of networks and published ports',
    conmon: expect.stringMatching(/^\d+\.\d+.* \(\/.*conmon\)$/),
    settings: 'defaults',
    socket: `${directory}/exec/davit.sock: not there; the first command starts the engine`,
  });
  expect(readdirSync(directory)).toEqual([]);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(directory);
});

it('tells it to people with a verdict', async () => {
  const { code, stdout } = await check([]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^AREA +NAME +STATUS +FOUND\nkernel +release +ok +Linux /);
  expect(stdout).toMatch(/\n\nAll that the engine needs is there\.\n$/);
  expect((await check(['--format', '{{.Area}}/{{.Name}}'])).stdout).toMatch(/^kernel\/release\n/);
  expect((await check(['--format', 'yaml'])).stdout).toMatch(/^- Area: kernel\n/);
});

it('exits 1 when a place cannot be used, and says what to do', async () => {
  const { code, stdout } = await check([], { DAVIT_DATA_ROOT: '/proc/davit' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/storage +overlayfs +missing +\/proc cannot be written/);
  expect(stdout).toMatch(/How to mend it:\n(.*\n)* {2}overlayfs: name another place with data-root\n/);
  expect(stdout).toMatch(/\d+ of what the engine needs (is|are) missing\.\n$/);
});

const asNobody = (program: string, ...args: string[]) =>
  spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', program, ...args], {
    ...{ env, encoding: 'utf8' },
  });

// A checkout in root's home is out of reach for anybody else.
const isReachable = asNobody('test', '-r', `${root}/dist/client/davit.cjs`).status === 0;

it.skipIf(!isReachable)('does what it can for others than root', () => {
  const { status, stdout } = asNobody(`${root}/bin/davit`, 'system', 'check', '--format', 'json');
  expect(status).toBe(0);
  const byName = new Map(rowsOf(stdout).map((row) => [row.Name, row]));
  expect(byName.get('rights')).toMatchObject({ Status: 'unknown', Detail: expect.stringContaining('sudo') });
  expect(byName.get('veth')).toMatchObject({ Status: 'unknown' });
  expect(byName.get('socket')).toMatchObject({ Status: 'limited', Remedy: 'sudo davit info' });
});
