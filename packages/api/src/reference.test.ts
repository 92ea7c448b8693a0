import { describe, expect, it } from 'vitest';
import { InvalidReference, parseReference } from './reference.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('parseReference', () => {
  it.each([
    'a',
    'foo/bar:1.0',
    'a_b',
    'a__b',
    'a--b',
    'host:5000/a',
    'Foo/bar',
    'docker.io/x',
    '[::1]:5000/x',
    `a.b/c:d@${digest}`,
  ])('takes %s', (text) => {
    expect(() => parseReference(text)).not.toThrow();
  });

  // Recorded from docker 28.2.2.
  it.each([
    ['A B', 'invalid reference format: repository name (library/A B) must be lowercase'],
    ['Foo', 'invalid reference format: repository name (library/Foo) must be lowercase'],
    ['localhost/Foo', 'invalid reference format: repository name (Foo) must be lowercase'],
    ['foo:bad tag', 'invalid reference format'],
    ['x@sha256:abc', 'invalid reference format'],
    ['a___b', 'invalid reference format'],
    ['-a', 'invalid reference format'],
    ['', 'invalid reference format'],
    ['http://x/y', 'invalid reference format'],
    [
      '0123456789abcdef'.repeat(4),
      `invalid repository name (${'0123456789abcdef'.repeat(4)}), cannot specify 64-byte hexadecimal strings`,
    ],
    ['a'.repeat(300), 'repository name must not be more than 255 characters'],
  ])('refuses %s', (text, message) => {
    expect(() => parseReference(text)).toThrow(new InvalidReference(message));
  });
});
