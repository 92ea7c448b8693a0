import { describe, expect, it } from 'vitest';
import { atLeast, atMost, between, exactly, noArguments } from './arguments.ts';

describe('rules for the number of arguments', () => {
  it.each([
    [noArguments, 0, null],
    [noArguments, 1, 'accepts no arguments'],
    [exactly(1), 1, null],
    [exactly(1), 2, 'requires 1 argument'],
    [exactly(2), 1, 'requires 2 arguments'],
    [atLeast(1), 9, null],
    [atLeast(1), 0, 'requires at least 1 argument'],
    [atLeast(2), 1, 'requires at least 2 arguments'],
    [atMost(1), 2, 'requires at most 1 argument'],
    [between(1, 2), 2, null],
    [between(1, 2), 3, 'requires at least 1 and at most 2 arguments'],
  ])('%# with %i', (rule, count, problem) => {
    expect(rule.problem(count)).toBe(problem);
  });
});
