import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { libc } from '../kernel/libc.ts';
import { openSocket, unixAddress } from '../kernel/socket.ts';
import { readIdentity } from './identity.ts';
import { watchIdleness } from './idle.ts';
import { findMonitor, moveToNamespace } from './namespace.ts';
import { notifySystemd } from './notify.ts';
import { writePidFile } from './pidfile.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-daemon-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

test('an engine is the same one as long as its data root lives', () => {
  const first = readIdentity(directory);
  expect(first.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(first.short).toMatch(/^[0-9a-f]{8}$/);
  expect(readIdentity(directory)).toEqual(first);
  const other = join(directory, 'other');
  mkdirSync(other);
  expect(readIdentity(other).short).not.toBe(first.short);
  expect(statSync(join(directory, 'engine-id')).mode & 0o777).toBe(0o600);
});

test('a pid file names this process, and is not taken from an engine that runs', async () => {
  const path = join(directory, 'run', 'davit.pid');
  const remove = await writePidFile(path);
  expect(readFileSync(path, 'utf8')).toBe(String(process.pid));
  remove();
  expect(() => statSync(path)).toThrow();

  writeFileSync(path, '999999999');
  (await writePidFile(path))();

  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'davitd']);
  await once(other, 'spawn');
  writeFileSync(path, String(other.pid));
  await expect(writePidFile(path)).rejects.toThrow(`process ${other.pid}`);
  other.kill();
  await once(other, 'exit');
  const again = await writePidFile(path);
  // Another engine has it by now: it is not ours to remove.
  writeFileSync(path, '1');
  again();
  expect(readFileSync(path, 'utf8')).toBe('1');
});

test('an engine is idle when nobody called and nothing ran for its time', () => {
  vi.useFakeTimers();
  const activity = { connections: { open: 0, total: 0 }, running: 0 };
  const onIdle = vi.fn();
  watchIdleness(10, () => activity, onIdle);
  const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
  pass(9);
  activity.connections = { open: 1, total: 1 };
  pass(60);
  activity.connections = { open: 0, total: 1 };
  activity.running = 1;
  pass(60);
  activity.running = 0;
  pass(9);
  // A connection that came and went between two looks.
  activity.connections = { open: 0, total: 2 };
  pass(9);
  expect(onIdle).not.toHaveBeenCalled();
  pass(10);
  expect(onIdle).toHaveBeenCalledTimes(1);
  pass(60);
  expect(onIdle).toHaveBeenCalledTimes(1);

  watchIdleness(0, () => activity, onIdle);
  pass(3600);
  expect(onIdle).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

test('systemd is told', () => {
  const path = join(directory, 'notify');
  const descriptor = openSocket('datagram');
  const address = unixAddress(path);
  const bind = koffi.load(null).func('int bind(int, const void *, unsigned int)');
  expect(bind(descriptor, address, address.length)).toBe(0);
  notifySystemd('READY=1', { NOTIFY_SOCKET: path });
  const message = Buffer.alloc(100);
  const length = libc().recv(descriptor, message, message.length, 0);
  expect(message.toString('utf8', 0, length)).toBe(`READY=1\nMAINPID=${process.pid}\n`);
  closeSync(descriptor);
  notifySystemd('READY=1', { NOTIFY_SOCKET: join(directory, 'nobody') });
  notifySystemd('READY=1', {});
});

test('an engine makes a mount namespace, unless it was given one', () => {
  const move = moveToNamespace(directory, {});
  expect(move?.command.slice(1)).toEqual(['--mount', '--propagation', 'slave', '--']);
  expect(moveToNamespace(directory, { DAVITD_MOUNT_NAMESPACE: 'private' })).toBeNull();
});

test('an engine is where it is to be when a monitor of its containers is there, and not when that has ended', async () => {
  const execRoot = join(directory, 'other-roots');
  const bundle = join(execRoot, 'bundles', 'abc');
  mkdirSync(bundle, { recursive: true });
  const program = join(execRoot, 'conmon');
  writeFileSync(program, '#!/bin/sh\nread line\n', { mode: 0o755 });
  const monitor = spawn(program, [bundle], { stdio: ['pipe', 'ignore', 'ignore'] });
  writeFileSync(join(bundle, 'conmon.pid'), String(monitor.pid));
  await vi.waitFor(() => expect(findMonitor(execRoot)?.pid).toBe(monitor.pid));
  const found = findMonitor(execRoot);
  expect(moveToNamespace(execRoot, {})).toBeNull();
  monitor.stdin.end();
  await once(monitor, 'exit');
  expect(found?.isThere()).toBe(false);
  expect(moveToNamespace(execRoot, {})?.held).toBeNull();
});

test('only a monitor of a container of this engine leads to the namespace of the last one', () => {
  const bundle = join(directory, 'bundles', 'abc');
  mkdirSync(bundle, { recursive: true });
  expect(findMonitor(directory)).toBeNull();
  // A process that is no monitor has its number now.
  writeFileSync(join(bundle, 'conmon.pid'), String(process.pid));
  expect(findMonitor(directory)).toBeNull();
  writeFileSync(join(bundle, 'conmon.pid'), 'nonsense');
  expect(findMonitor(directory)).toBeNull();
});
