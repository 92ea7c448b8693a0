import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDirectoryInside, makeFileInside, readFileInside, resolveInside } from './confined.ts';

let base: string;
let root: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'davit-confined-'));
  root = join(base, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), 'inside');
  writeFileSync(join(base, 'secret'), 'outside');
});
afterEach(() => rmSync(base, { recursive: true }));

const openDescriptors = () => readdirSync('/proc/self/fd').length;

test('a file is read, through links that stay inside', () => {
  symlinkSync('/etc', join(root, 'absolute'));
  symlinkSync('../etc/passwd', join(root, 'etc/relative'));
  for (const path of [
    '/etc/passwd',
    'etc/./passwd',
    '/absolute/passwd',
    '/etc/relative',
    '/../../etc/passwd',
  ]) {
    expect(readFileInside(root, path, 100)?.toString()).toBe('inside');
  }
  expect(resolveInside(root, '/absolute/relative').path).toBe('/etc/passwd');
});

test.each([
  ['a relative link', '../../secret'],
  ['an absolute link', () => join(base, 'secret')],
  ['a link by way of /proc', '/proc/self/root/etc/passwd'],
])('%s does not lead out', (_, target) => {
  symlinkSync(typeof target === 'string' ? target : target(), join(root, 'etc/trap'));
  expect(readFileInside(root, '/etc/trap', 100)).toBeNull();
});

test('a folder that is a link does not make a folder outside', () => {
  symlinkSync('../..', join(root, 'up'));
  symlinkSync(base, join(root, 'host'));
  expect(makeDirectoryInside(root, '/up/made')).toBe('/made');
  expect(makeFileInside(root, '/host/file')).toBe(`${base}/file`);
  expect(existsSync(join(base, 'made'))).toBe(false);
  expect(existsSync(join(base, 'file'))).toBe(false);
  expect(existsSync(join(root, 'made'))).toBe(true);
  expect(existsSync(join(root, base, 'file'))).toBe(true);
});

test('links in a circle are refused', () => {
  symlinkSync('b', join(root, 'a'));
  symlinkSync('a', join(root, 'b'));
  expect(() => readFileInside(root, '/a', 100)).toThrow('too many links');
});

test('what is no regular file is not opened', () => {
  execFileSync('mkfifo', [join(root, 'etc/group')]);
  expect(readFileInside(root, '/etc/group', 100)).toBeNull();
  expect(readFileInside(root, '/etc', 100)).toBeNull();
  expect(readFileInside(root, '/nosuch/file', 100)).toBeNull();
});

test('a file is never cut', () => {
  expect(readFileInside(root, '/etc/passwd', 6)?.toString()).toBe('inside');
  expect(() => readFileInside(root, '/etc/passwd', 5)).toThrow('longer than 5 bytes');
});

test('folders are made with docker’s mode, and what is there stays as it is', () => {
  const before = process.umask(0o077);
  expect(makeDirectoryInside(root, '/a/b/../c')).toBe('/a/c');
  process.umask(before);
  expect(statSync(join(root, 'a/c')).mode & 0o777).toBe(0o755);
  expect(existsSync(join(root, 'a/b'))).toBe(true);
  expect(makeFileInside(root, '/etc/passwd')).toBe('/etc/passwd');
  expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toBe('inside');
  expect(() => makeDirectoryInside(root, '/etc/passwd')).toThrow(
    'Cannot mkdir: /etc/passwd is not a directory',
  );
  expect(() => makeDirectoryInside(root, '/etc/passwd/x')).toThrow('which is not a directory');
  expect(() => makeFileInside(root, '/etc')).toThrow('/etc is a directory');
});

test('what is missing is named as the container would', () => {
  symlinkSync('/var/nosuch', join(root, 'link'));
  expect(resolveInside(root, '/link/below')).toEqual({ path: '/var/nosuch/below', stats: null });
});

test('no descriptor is left open', () => {
  symlinkSync('/etc/../nosuch', join(root, 'link'));
  const before = openDescriptors();
  readFileInside(root, '/etc/passwd', 100);
  readFileInside(root, '/link', 100);
  makeDirectoryInside(root, '/x/y/../../z');
  expect(() => makeDirectoryInside(root, '/etc/passwd/x')).toThrow();
  expect(openDescriptors()).toBe(before);
});
