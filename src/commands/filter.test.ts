import { describe, expect, it } from 'vitest';
import { addFilter } from './filter.ts';
import { FlagValueError } from './flag.ts';

describe('addFilter', () => {
  it('collects values by name, each once', () => {
    const one = addFilter({}, 'name=web');
    expect(addFilter(addFilter(addFilter(one, 'name=db'), 'name=web'), 'label=a=b')).toEqual({
      name: ['web', 'db'],
      label: ['a=b'],
    });
  });

  it('trims, and reads names in any case', () => {
    expect(addFilter({}, ' Name = web ')).toEqual({ name: ['web'] });
  });

  it('takes an empty text for none, and refuses what has no value', () => {
    expect(addFilter({}, '')).toEqual({});
    expect(() => addFilter({}, 'running')).toThrow(
      new FlagValueError('bad format of filter (expected name=value)'),
    );
  });
});
