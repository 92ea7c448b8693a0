import { expect, test } from 'vitest';
import { createDetachFilter, parseDetachKeys } from './detach.ts';

test.each([
  ['', [16, 17]],
  ['ctrl-p,ctrl-q', [16, 17]],
  ['a', [97]],
  ['ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_,DEL', [0, 27, 28, 29, 30, 31, 127]],
  ['ctrl-a,z', [1, 122]],
])('%j are the keys %j', (text, codes) => {
  expect([...parseDetachKeys(text)]).toEqual(codes);
});

test.each(['abc-', 'ctrl-', 'ctrl-A', 'ctrl-1', 'a,,b', 'é'])('%j are no keys', (text) => {
  expect(() => parseDetachKeys(text)).toThrow(`Invalid detach keys (${text}) provided`);
});

/** Types texts one after another: what arrives, with `!` where the keys were typed. */
function type(keys: string, ...texts: string[]): string {
  const filter = createDetachFilter(Buffer.from(keys));
  let arrived = '';
  for (const text of texts) {
    const { input, detached } = filter.feed(Buffer.from(text));
    arrived += input.toString();
    if (detached) return `${arrived}!`;
  }
  return arrived;
}

test('the keys are found in one piece and in many', () => {
  expect(type('pq', 'abpqc')).toBe('ab!');
  expect(type('pq', 'ab', 'p', 'q', 'c')).toBe('ab!');
  expect(type('x', 'abx')).toBe('ab!');
});

test('what turns out to be something else arrives late but whole', () => {
  expect(type('pq', 'ap')).toBe('a');
  expect(type('pq', 'ap', 'p')).toBe('ap');
  expect(type('pq', 'ap', 'pq')).toBe('ap!');
  expect(type('pq', 'p', 'x')).toBe('px');
  expect(type('aab', 'aa', 'a', 'b')).toBe('a!');
  expect(type('aba', 'ab', 'b', 'aba')).toBe('abb!');
});
