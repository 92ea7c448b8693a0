import { describe, expect, it } from 'vitest';
import { splitFields } from './csv.ts';

describe('splitFields', () => {
  it.each([
    ['type=bind,source=/a', ['type=bind', 'source=/a']],
    ['"device=0,1",count=2', ['device=0,1', 'count=2']],
    ['"say ""hi"""', ['say "hi"']],
    ['a,', ['a', '']],
    ['a,,b', ['a', '', 'b']],
  ])('splits %s', (line, fields) => {
    expect(splitFields(line)).toEqual(fields);
  });

  it('refuses a quote in the middle of a field, and says where', () => {
    expect(() => splitFields('"type=bind",target="/x"')).toThrow(
      'parse error on line 1, column 20: bare " in non-quoted-field',
    );
  });
});
