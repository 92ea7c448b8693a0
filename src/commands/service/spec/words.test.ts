import { expect, it } from 'vitest';
import { splitWords } from './words.ts';

it.each([
  ['', []],
  ['a b\tc', ['a', 'b', 'c']],
  [`'a b' "c d" e'f'g`, ['a b', 'c d', 'efg']],
  [`"" ''`, ['', '']],
  ['a\\ b \\"c', ['a b', '"c']],
  [`'a\\b' "a\\"b"`, ['a\\b', 'a"b']],
  ['a # b\nc d#e', ['a', 'c', 'd#e']],
])('splits %j', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

it.each([
  ["'a", 'EOF found when expecting closing quote'],
  ['a\\', 'EOF found after escape character'],
])('refuses %j', (text, message) => {
  expect(() => splitWords(text)).toThrow(message);
});
