import { expect, test } from 'vitest';
import { parseSignal } from './signals.ts';

test.each([
  ['9', 9],
  ['KILL', 9],
  ['SIGTERM', 15],
  ['sigint', 2],
  ['RTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
])('%s is signal %d', (text, number) => {
  expect(parseSignal(text)).toBe(number);
});

test.each(['', '0', '65', '-1', 'SIGNOSUCH', 'RTMIN-1', '9x'])('%j is no signal', (text) => {
  expect(() => parseSignal(text)).toThrow(`invalid signal: ${text}`);
});
