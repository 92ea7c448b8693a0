import { expect, test } from 'vitest';
import { createIgnoreRules, readIgnoreFile } from './ignore.ts';

test('the text of a .dockerignore', () => {
  const text = '\uFEFF# comment\n/a\n  b/ \n\n! c/../d\n!/e\n./f//g\n #kept\n/\n';
  expect(readIgnoreFile(text)).toEqual(['a', 'b', '!d', '!e', 'f/g', '#kept', '/']);
});

test.each<[string[], string, boolean]>([
  [['a'], 'a', true],
  [['a'], 'a/b/c', true],
  [['a'], 'b/a', false],
  [['*.txt'], 'x.txt', true],
  [['*.txt'], 'd/x.txt', false],
  [['*/x.txt'], 'd/x.txt', true],
  [['**/x.txt'], 'x.txt', true],
  [['**/x.txt'], 'a/b/x.txt', true],
  [['**'], 'a/b', true],
  [['a/**'], 'a/b/c', true],
  [['a/**'], 'a', false],
  [['a/**/z'], 'a/z', true],
  [['a/**/z'], 'a/b/c/z', true],
  [['**/*.go'], 'x/y.go', true],
  [['?.c'], 'a.c', true],
  [['?.c'], 'ab.c', false],
  [['[a-c].x'], 'b.x', true],
  [['[^a-c].x'], 'b.x', false],
  [['a.b'], 'axb', false],
  [['a+(b)'], 'a+(b)', true],
  [['\\*'], '*', true],
  [['\\*'], 'x', false],
  [['*', '!keep'], 'keep', false],
  [['*', '!keep'], 'keep/inner', false],
  [['*', '!keep/inner'], 'keep/other', true],
  [['*', '!keep/inner'], 'keep/inner', false],
  [['*', '!keep', 'keep/no'], 'keep/no', true],
  [['!a', 'a'], 'a', true],
  [['d', '!d/**/*.md'], 'd/x/y.md', false],
  [['.'], 'a', false],
])('%j and %s: %s', (patterns, path, ignored) => {
  expect(createIgnoreRules(patterns).ignores(path)).toBe(ignored);
});

test('folders in which nothing is let in again need not be looked into', () => {
  const rules = createIgnoreRules(['*', '!src/lib', '!a*b/c']);
  expect(rules.prunes('src')).toBe(false);
  expect(createIgnoreRules(['node_modules', '!src/lib']).prunes('node_modules')).toBe(true);
  expect(createIgnoreRules(['x', '!src']).prunes('src/inner')).toBe(false);
  expect(createIgnoreRules(['x', '!**/y']).prunes('x')).toBe(false);
});

test('patterns that mean nothing are refused', () => {
  expect(() => createIgnoreRules(['!'])).toThrow('illegal exclusion pattern');
  expect(() => createIgnoreRules(['[z-a]'])).toThrow('syntax error in pattern');
});
