import { expect, test } from 'vitest';
import { createMessageMaker, longestMessage } from './message.ts';

const at = (number: number) => `2026-11-25T07:00:0${number}.000000000`;
const entry = (text: string, { tag = 'F', stream = 'stdout', second = 1 } = {}) =>
  `${at(second)}+00:00 ${stream} ${tag} ${text}\n`;

/** What is made of a log: its texts, those of stderr with an exclamation mark. */
function made(log: string, from: Parameters<typeof createMessageMaker>[0] = null) {
  const maker = createMessageMaker(from);
  return [...maker.take(Buffer.from(log)), ...maker.rest()];
}
const texts = (messages: ReturnType<typeof made>) =>
  messages.map(({ text, isError }) => `${text}${isError ? '!' : ''}`);

test('each line is a message, empty ones are none, and parts of a line are put together', () => {
  const log = [
    entry('one'),
    entry(''),
    entry('two, ', { tag: 'P' }),
    entry('an error', { stream: 'stderr' }),
    'nonsense\n',
    entry('whole'),
    entry('never ended', { tag: 'P', stream: 'stderr' }),
  ];
  expect(texts(made(log.join('')))).toEqual(['one', 'an error!', 'two, whole', 'never ended!']);
  expect(made(log.join('')).every(({ part }) => part === null)).toBe(true);
});

test('a line that is too long is cut, and its parts know each other', () => {
  const part = 'x'.repeat(8000);
  const log = [1, 2, 3, 4, 5].map(() => entry(part, { tag: 'P' })).join('') + entry('end') + entry('next');
  const messages = made(log);
  expect(messages.map(({ text }) => text.length)).toEqual([
    longestMessage,
    longestMessage,
    5 * 8000 + 3 - 2 * longestMessage,
    4,
  ]);
  expect(messages.map(({ part: cut }) => cut)).toEqual([
    { id: 1, ordinal: 1, isLast: false },
    { id: 1, ordinal: 2, isLast: false },
    { id: 1, ordinal: 3, isLast: true },
    null,
  ]);
});

test('it goes on behind a position, also among entries of one moment', () => {
  const log = ['a', 'b', 'c'].map((text) => entry(text)).join('') + entry('d', { second: 2 });
  const all = made(log);
  expect(all.map(({ next }) => next)).toEqual([
    { time: at(1), count: 1 },
    { time: at(1), count: 2 },
    { time: at(1), count: 3 },
    { time: at(2), count: 1 },
  ]);
  all.forEach(({ next }, number) => {
    const rest = made(log, next);
    expect(texts(rest)).toEqual(['a', 'b', 'c', 'd'].slice(number + 1));
    expect(rest.map((message) => message.next)).toEqual(all.slice(number + 1).map((message) => message.next));
  });
});
