import { expect, test } from 'vitest';
import { printableLine, printableText } from './printable.ts';

test.each([
  ['plain', 'plain'],
  ['\x1b[91mred\x1b[0m', 'red'],
  ['\x1b]0;title\x07text', 'text'],
  ['10%\r20%\r100%', '100%'],
  ['line of another system\r', 'line of another system'],
  ['\x1b[2J\x1b[Hhome', 'home'],
  ['a\tb\0\x08c', 'a    bc'],
  ['naïve 日本語 🎉', 'naïve 日本語 🎉'],
])('%j is %j', (line, printable) => {
  expect(printableLine(line)).toBe(printable);
});

test('a text keeps its lines and tabs', () => {
  expect(printableText('no such \x1b[2Jthing\r\n\tor\x07 other\n')).toBe('no such thing\n\tor other\n');
});
