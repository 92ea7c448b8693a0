import { createFrameDecoder } from '@davit/api';
import { expect, test } from 'vitest';
import { parseTime } from '../clock.ts';
import { createLogFormatter, type LogForm } from './format.ts';

const plain: LogForm = {
  stdout: true,
  stderr: true,
  timestamps: false,
  details: null,
  frames: null,
  since: null,
  until: null,
};
const entry = (second: number, stream: string, tag: string, text: string) =>
  `2026-11-25T07:00:${String(second).padStart(2, '0')}.000000000+00:00 ${stream} ${tag} ${text}\n`;
const log = [
  entry(1, 'stdout', 'F', 'one'),
  entry(2, 'stderr', 'P', 'tw'),
  entry(3, 'stdout', 'F', ''),
  entry(4, 'stderr', 'F', 'o'),
  entry(5, 'stdout', 'P', 'end'),
].join('');

/** Feeds a log in blocks of a size, carrying what was not consumed, as its reader does. */
function format(form: Partial<LogForm>, text = log, size = text.length): Buffer {
  const formatter = createLogFormatter({ ...plain, ...form });
  const output: Buffer[] = [];
  let rest = Buffer.alloc(0);
  for (let at = 0; at < text.length; at += size) {
    const block = Buffer.concat([rest, Buffer.from(text.slice(at, at + size))]);
    const { output: shaped, consumed } = formatter.reshape(block);
    output.push(Buffer.from(shaped));
    rest = Buffer.from(block.subarray(consumed));
  }
  expect(rest).toHaveLength(0);
  return Buffer.concat(output);
}

function frames(bytes: Buffer): [number, string][] {
  const found: [number, string][] = [];
  createFrameDecoder((stream, payload) => found.push([stream, Buffer.from(payload).toString()]))(bytes);
  return found;
}

test('parts of a line are joined and the last one stays open', () => {
  expect(format({}).toString()).toBe('one\ntw\no\nend');
  expect(format({ stdout: false }).toString()).toBe('two\n');
});

test('blocks may end anywhere', () => {
  const whole = format({ frames: 'each', timestamps: true });
  for (const size of [1, 7, 46, 50, 100]) {
    expect(format({ frames: 'each', timestamps: true }, log, size)).toEqual(whole);
  }
});

test('each entry is a frame of its stream', () => {
  expect(frames(format({ frames: 'each' }))).toEqual([
    [1, 'one\n'],
    [2, 'tw'],
    [1, '\n'],
    [2, 'o\n'],
    [1, 'end'],
  ]);
});

test('entries of one stream are joined in a frame', () => {
  const lines = [1, 2, 3].map((second) => entry(second, 'stdout', 'F', String(second))).join('');
  expect(frames(format({ frames: 'joined' }, `${lines}${log}${lines}`))).toEqual([
    [1, '1\n2\n3\none\n'],
    [2, 'tw'],
    [1, '\n'],
    [2, 'o\n'],
    [1, 'end1\n2\n3\n'],
  ]);
});

test('details longer than an entry stand before each line', () => {
  const details = 'label='.padEnd(200, 'x');
  const expected = ['one\n', 'tw', '\n', 'o\n', 'end'].map((text, index) =>
    index === 3 ? text : `${details} ${text}`,
  );
  expect(frames(format({ frames: 'each', details })).map(([, text]) => text)).toEqual(expected);
  expect(format({ details }, log, 60).toString()).toBe(expected.join(''));
});

test('a line has one time, however many parts it is in', () => {
  expect(frames(format({ frames: 'each', timestamps: true }))).toEqual([
    [1, '2026-11-25T07:00:01.000000000Z one\n'],
    [2, '2026-11-25T07:00:02.000000000Z tw'],
    [1, '2026-11-25T07:00:03.000000000Z \n'],
    [2, 'o\n'],
    [1, '2026-11-25T07:00:05.000000000Z end'],
  ]);
  expect(format({ timestamps: true, details: '', stderr: false }).toString()).toBe(
    '2026-11-25T07:00:01.000000000Z  one\n2026-11-25T07:00:03.000000000Z  \n2026-11-25T07:00:05.000000000Z  end',
  );
});

test('since and until are the first and last moment of what is shown', () => {
  const at = (text: string) => parseTime(text);
  expect(format({ since: at('2026-11-25T07:00:03Z') }).toString()).toBe('\no\nend');
  expect(format({ since: at('2026-11-25T07:00:04.000000001Z') }).toString()).toBe('end');
  const formatter = createLogFormatter({ ...plain, until: at('2026-11-25T07:00:01Z') });
  const block = Buffer.from(log);
  expect(formatter.reshape(block).output.toString()).toBe('one\n');
  expect(formatter.over).toBe(true);
});

test('what is no entry is nobody’s output', () => {
  expect(format({}, `garbage\n${'\0'.repeat(100)}\n\n${log}`).toString()).toBe('one\ntw\no\nend');
});

test('any bytes may be in a line', () => {
  const bytes = Buffer.concat([
    Buffer.from(entry(1, 'stdout', 'F', '').slice(0, -1)),
    Buffer.from([0, 255, 13, 0x46]),
    Buffer.from('\n'),
  ]);
  expect([...createLogFormatter(plain).reshape(bytes).output]).toEqual([0, 255, 13, 0x46, 10]);
});
