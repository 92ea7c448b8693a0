import { describe, expect, it } from 'vitest';
import { didYouMean, nearNames } from './near.ts';

describe('nearNames', () => {
  it.each([
    ['pss', ['ps', 'pause', 'push'], ['ps']],
    ['iamges', ['images', 'image', 'import'], ['images', 'image']],
    ['contaner', ['container', 'context'], ['container']],
    ['PS', ['ps'], ['ps']],
    ['web', ['web-1', 'web-2', 'db', 'we'], ['we', 'web-1', 'web-2']],
    ['frobnicate', ['ps', 'run'], []],
    ['', ['ps'], []],
    ['x', ['y', 'xy'], ['xy', 'y']],
  ])('%s among %j', (typed, names, near) => {
    expect(nearNames(typed, names)).toEqual(near);
  });
});

it('didYouMean joins names', () => {
  expect(didYouMean([])).toBe('');
  expect(didYouMean(['a'])).toBe('Did you mean a?');
  expect(didYouMean(['a', 'b', 'c'])).toBe('Did you mean a, b or c?');
});
