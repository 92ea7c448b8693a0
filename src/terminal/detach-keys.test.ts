import { describe, expect, it } from 'vitest';
import { createDetachWatcher, parseDetachKeys } from './detach-keys.ts';

describe('parseDetachKeys', () => {
  it.each([
    ['ctrl-p,ctrl-q', [16, 17]],
    ['a', [97]],
    ['ctrl-@,x,ctrl-_', [0, 120, 31]],
    ['ctrl-[', [27]],
  ])('reads %s', (text, codes) => {
    expect(parseDetachKeys(text)).toEqual(codes);
  });

  it.each(['foo', '', 'ctrl-', 'ctrl-ab', 'ctrl-A', 'abc-', 'ctrl-p,'])('refuses "%s"', (text) => {
    expect(parseDetachKeys(text)).toBeNull();
  });
});

describe('createDetachWatcher', () => {
  const type = (watch: ReturnType<typeof createDetachWatcher>, text: string) => {
    const { bytes, detached } = watch(Buffer.from(text));
    return [Buffer.from(bytes).toString(), detached];
  };

  it('lets everything else pass', () => {
    const watch = createDetachWatcher([16, 17]);
    expect(type(watch, 'ls\r')).toEqual(['ls\r', false]);
  });

  it('sees the keys in one piece or in several, and keeps them to itself', () => {
    expect(type(createDetachWatcher([16, 17]), 'ab\u0010\u0011cd')).toEqual(['ab', true]);
    const watch = createDetachWatcher([16, 17]);
    expect(type(watch, 'a\u0010')).toEqual(['a', false]);
    expect(type(watch, '\u0011')).toEqual(['', true]);
  });

  it('hands a beginning on when it was not meant', () => {
    const watch = createDetachWatcher([16, 17]);
    expect(type(watch, '\u0010')).toEqual(['', false]);
    expect(type(watch, 'x')).toEqual(['\u0010x', false]);
    expect(type(watch, '\u0010\u0010\u0011')).toEqual(['\u0010', true]);
  });
});
