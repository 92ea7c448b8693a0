import { describe, expect, test } from 'vitest';
import {
  familiarName,
  familiarReference,
  formatReference,
  parseReference,
  withDefaultTag,
} from './reference.ts';

const hex = '0123456789abcdef'.repeat(4);
const digest = `sha256:${hex}`;

test.each([
  // given, in full, as users know it
  ['busybox', 'docker.io/library/busybox', 'busybox'],
  ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
  ['library/busybox', 'docker.io/library/busybox', 'busybox'],
  ['docker.io/busybox', 'docker.io/library/busybox', 'busybox'],
  ['index.docker.io/busybox', 'docker.io/library/busybox', 'busybox'],
  ['docker.io/library/busybox:latest', 'docker.io/library/busybox:latest', 'busybox:latest'],
  ['library/foo/bar', 'docker.io/library/foo/bar', 'library/foo/bar'],
  ['user/app', 'docker.io/user/app', 'user/app'],
  ['localhost/app', 'localhost/app', 'localhost/app'],
  ['localhost:5000/app:v1', 'localhost:5000/app:v1', 'localhost:5000/app:v1'],
  ['127.0.0.1:5999/dt/fx:v1', '127.0.0.1:5999/dt/fx:v1', '127.0.0.1:5999/dt/fx:v1'],
  ['[::1]:5000/a', '[::1]:5000/a', '[::1]:5000/a'],
  ['Uppercase/app', 'Uppercase/app', 'Uppercase/app'],
  ['example.com/a/b/c', 'example.com/a/b/c', 'example.com/a/b/c'],
  ['example.com:80', 'docker.io/library/example.com:80', 'example.com:80'],
  ['a__b', 'docker.io/library/a__b', 'a__b'],
  ['a.b-c--d_e', 'docker.io/library/a.b-c--d_e', 'a.b-c--d_e'],
  ['sha256:abc', 'docker.io/library/sha256:abc', 'sha256:abc'],
  ['x:_a.b-C', 'docker.io/library/x:_a.b-C', 'x:_a.b-C'],
  [`x:${'t'.repeat(128)}`, `docker.io/library/x:${'t'.repeat(128)}`, `x:${'t'.repeat(128)}`],
  [`x@${digest}`, `docker.io/library/x@${digest}`, `x@${digest}`],
  [`x:1@${digest}`, `docker.io/library/x:1@${digest}`, `x:1@${digest}`],
  [`${hex}:tag`, `docker.io/library/${hex}:tag`, `${hex}:tag`],
  ['0123456789ab', 'docker.io/library/0123456789ab', '0123456789ab'],
])('%s', (given, full, familiar) => {
  const reference = parseReference(given);
  expect(formatReference(reference)).toBe(full);
  expect(familiarReference(reference)).toBe(familiar);
  expect(parseReference(full)).toEqual(reference);
});

describe('refuses', () => {
  test.each([
    ['', 'invalid reference format'],
    [' ', 'invalid reference format'],
    ['a b', 'invalid reference format'],
    [':tag', 'invalid reference format'],
    ['x:', 'invalid reference format'],
    ['x:bad tag', 'invalid reference format'],
    ['x:.a', 'invalid reference format'],
    [`x:${'t'.repeat(129)}`, 'invalid reference format'],
    ['-x', 'invalid reference format'],
    ['x-', 'invalid reference format'],
    ['a..b', 'invalid reference format'],
    ['a___b', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
    ['/a', 'invalid reference format'],
    ['a/', 'invalid reference format'],
    ['https://example.com/x', 'invalid reference format'],
    ['exa_mple.com/x', 'invalid reference format'],
    ['x@sha256:abc', 'invalid reference format'],
    ['x\n', 'invalid reference format'],
    ['ümlaut', 'invalid reference format'],
    ['Busybox', 'invalid reference format: repository name (library/Busybox) must be lowercase'],
    ['user/App:V1', 'invalid reference format: repository name (user/App) must be lowercase'],
    ['localhost:5000/Upper', 'invalid reference format: repository name (Upper) must be lowercase'],
    [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
    [`x@sha256:${hex}00`, 'invalid checksum digest length'],
    [`x@sha256:${hex.toUpperCase()}`, 'invalid checksum digest format'],
    [`x@md5:${hex}`, 'unsupported digest algorithm'],
    ['a'.repeat(256), 'repository name must not be more than 255 characters'],
  ])('%j', (given, message) => {
    expect(() => parseReference(given)).toThrow(expect.objectContaining({ kind: 'badParameter', message }));
  });
});

test('the tag latest stands in for none, but not beside a digest', () => {
  expect(familiarReference(withDefaultTag(parseReference('busybox')))).toBe('busybox:latest');
  expect(familiarReference(withDefaultTag(parseReference('busybox:1')))).toBe('busybox:1');
  expect(familiarReference(withDefaultTag(parseReference(`busybox@${digest}`)))).toBe(`busybox@${digest}`);
  expect(familiarName(parseReference('busybox:1'))).toBe('busybox');
});
