// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile
import { expect, test } from 'vitest';
import { expandWord, splitWords } from './words.ts';

const values: Record<string, string> = { x: 'foobarbar', empty: '', path: '/usr/local/bin', tab: 'a\tb' };
const lookup = (name: string) => values[name];

test.each([
  ['$x', 'foobarbar'],
  ['${x}y', 'foobarbary'],
  ["'$x'", '$x'],
  ['"$x"', 'foobarbar'],
  ['\\$x', '$x'],
  ['"\\$x \\q"', '$x \\q'],
  ['${none:-a b}', 'a b'],
  ['${none:-$x}', 'foobarbar'],
  ['${empty:-d}', 'd'],
  ['${empty-d}', ''],
  ['${none-d}', 'd'],
  ['${x:+set}', 'set'],
  ['${empty:+set}', ''],
  ['${empty+set}', 'set'],
  ['${none+set}', ''],
  ['${x:?must}', 'foobarbar'],
  ['${x#foo}', 'barbar'],
  ['${x#*b}', 'arbar'],
  ['${x##*b}', 'ar'],
  ['${x%bar}', 'foobar'],
  ['${x%b*}', 'foobar'],
  ['${x%%b*}', 'foo'],
  ['${x%%?}', 'foobarba'],
  ['${x/bar/X}', 'fooXbar'],
  ['${x//bar/X}', 'fooXX'],
  ['${x//b?r}', '${x//b?r}'],
  ['${x/b*/}', 'foo'],
  ['${path//\\//-}', '-usr-local-bin'],
  ['${path##*/}', 'bin'],
  ['$', '$'],
  ['a$ b', 'a$ b'],
  ['$none.', '.'],
  ['pre${none:-"q $x"}post', 'preq foobarbarpost'],
])('%s', (word, expected) => {
  if (word === '${x//b?r}') expect(() => expandWord(word, lookup)).toThrow('looking for matching /');
  else expect(expandWord(word, lookup)).toBe(expected);
});

test.each([
  ['"open', 'matching double-quote'],
  ["'open", 'matching single-quote'],
  ['${x', 'unsupported modifier'],
  ['${x:-y', 'looking for matching }'],
  ['${x^^}', 'unsupported modifier (^) in substitution'],
  ['${none:?is needed}', 'none: is needed'],
  ['${none?}', 'none: not allowed to be unset'],
])('%s is refused', (word, message) => {
  expect(() => expandWord(word, lookup)).toThrow(message);
});

test('a backtick as the escape character', () => {
  expect(expandWord('C:\\dir`$x', lookup, '`')).toBe('C:\\dir$x');
  expect(splitWords('a` b c\\ d', '`')).toEqual(['a` b', 'c\\', 'd']);
});

test('patterns that could be matched in very many ways take no time', () => {
  values.long = 'a'.repeat(4096);
  const before = performance.now();
  expect(expandWord(`\${long#${'*a'.repeat(60)}*b}`, lookup)).toBe(values.long);
  expect(performance.now() - before).toBeLessThan(2000);
});
