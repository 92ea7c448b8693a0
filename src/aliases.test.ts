import { expect, it } from 'vitest';
import { resolveAlias } from './aliases.ts';

it.each([
  [['builder', 'ls'], { builder: 'buildx' }, ['buildx', 'ls']],
  [['build', '.'], { builder: 'buildx' }, ['buildx', 'build', '.']],
  [['image', 'build', '.'], { builder: 'buildx' }, ['buildx', 'build', '.']],
  [['builder'], { builder: 'builder' }, null],
  [['build'], {}, null],
  [['ll', '-q'], { ll: 'ps --all' }, ['ps', '--all', '-q']],
  [['ps'], { ps: 'images' }, null],
  [['a'], { a: 'b', b: 'a' }, null],
  [['a'], { a: '' }, null],
  [['constructor'], {}, null],
])('%j with %j: %j', (words, aliases, meant) => {
  expect(resolveAlias(words, aliases as Record<string, string>)).toEqual(meant);
});
