import { describe, expect, it } from 'vitest';
import {
  absolutePath,
  baseOf,
  followed,
  keepEnding,
  linkTarget,
  meansDirectory,
  planCopy,
  renamed,
  splitEntry,
  splitSide,
} from './paths.ts';

describe('the sides of a copy', () => {
  it.each([
    ['web:/etc', 'web', '/etc'],
    ['web:', 'web', ''],
    ['web:a:b', 'web', 'a:b'],
    ['/a:b', '', '/a:b'],
    ['./a:b', '', './a:b'],
    ['../a:b', '', '../a:b'],
    ['file', '', 'file'],
    ['-', '', '-'],
  ])('takes %s apart', (argument, container, path) => {
    expect(splitSide(argument)).toEqual({ container, path });
  });
});

describe('paths by the rules of Go', () => {
  it.each([
    ['', '.'],
    ['/', '/'],
    ['/a/b', 'b'],
    ['/a/b/', 'b'],
    ['/a/.', '.'],
  ])('the last name of %j is %j', (path, base) => expect(baseOf(path)).toBe(base));

  it('keeps what a path says at its end', () => {
    expect(keepEnding('/a', 'a/.')).toBe('/a/.');
    expect(keepEnding('/a', 'a/')).toBe('/a/');
    expect(keepEnding('/', '/.')).toBe('/.');
    expect(absolutePath('b/../c/.', '/work')).toBe('/work/c/.');
    expect(absolutePath('.', '/work')).toBe('/work/.');
    expect(absolutePath('/x//y/', '/work')).toBe('/x/y/');
    expect(['a/', 'a/.', '.'].every(meansDirectory)).toBe(true);
    expect(meansDirectory('a')).toBe(false);
  });

  it.each([
    ['/a/b', '/a', 'b'],
    ['/a/b/', '/a', 'b'],
    ['/a/b/.', '/a/b', '.'],
    ['/', '/', '/'],
    ['/a', '/', 'a'],
  ])('splits %j', (path, directory, base) => expect(splitEntry(path)).toEqual({ directory, base }));

  it('gives what a link leads to the ending and the name that were asked for', () => {
    expect(followed('/a/link', '/a/target')).toEqual({ path: '/a/target', rename: 'link' });
    expect(followed('/a/same', '/b/same')).toEqual({ path: '/b/same', rename: '' });
    expect(followed('/a/link/.', '/a/target')).toEqual({ path: '/a/target/.', rename: '' });
    expect(linkTarget('/a/link', '../b')).toBe('/b');
    expect(linkTarget('/a/link', '/c')).toBe('/c');
  });
});

describe('the plan of a copy', () => {
  const file = { path: '/src/f', isDirectory: false, rename: '' };
  const directory = { path: '/src/d', isDirectory: true, rename: '' };

  it('unpacks in a directory that is there', () => {
    expect(planCopy(file, { path: '/to', exists: true, isDirectory: true })).toEqual({
      directory: '/to',
      rename: null,
    });
  });

  it('renames what takes the place of a file, or of nothing', () => {
    for (const exists of [true, false]) {
      expect(planCopy(file, { path: '/to/g', exists, isDirectory: false })).toEqual({
        directory: '/to',
        rename: { from: 'f', to: 'g' },
      });
    }
    expect(planCopy(directory, { path: '/to/new/', exists: false, isDirectory: false })).toEqual({
      directory: '/to',
      rename: { from: 'd', to: 'new' },
    });
  });

  it('refuses a directory onto a file, and a file into a directory that is missing', () => {
    expect(() => planCopy(directory, { path: '/to/g', exists: true, isDirectory: false })).toThrow(
      'cannot copy directory',
    );
    expect(() => planCopy(file, { path: '/to/g/', exists: false, isDirectory: false })).toThrow(
      'no such directory',
    );
  });

  it('renames the first occurrence only, and puts a name before those of the root', () => {
    expect(renamed('d/d/x', { from: 'd', to: 'new' })).toBe('new/d/x');
    expect(renamed('./x', { from: '.', to: 'new' })).toBe('new/x');
    expect(renamed('/etc/x', { from: '/', to: 'root' })).toBe('root/etc/x');
    expect(renamed('d/x', null)).toBe('d/x');
  });
});
