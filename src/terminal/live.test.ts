import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createLiveArea } from './live.ts';
import { createOutput } from './streams.ts';

function terminal(columns: number, rows: number) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns, rows });
  const area = createLiveArea(createOutput(stream, {}));
  return { stream, area, written: () => (stream.read() as string | null) ?? '' };
}

test('lines are written over those before, in one go', async () => {
  const { area, written } = terminal(20, 10);
  await area.show(['one', 'two']);
  expect(written()).toBe('\rone\x1b[K\ntwo\x1b[K\n\x1b[J');
  await area.show(['three']);
  expect(written()).toBe('\r\x1b[2Athree\x1b[K\n\x1b[J');
  await area.show(['three']);
  expect(written()).toBe('');
  await area.show([]);
  expect(written()).toBe('\r\x1b[1A\x1b[J');
});

test('lines that a narrower terminal has wrapped are gone over, and all that is left of them taken away', async () => {
  const { stream, area, written } = terminal(20, 10);
  await area.show(['x'.repeat(19), '日本語日本語', 'short']);
  written();
  stream.columns = 10;
  await area.show(['new']);
  expect(written()).toBe('\r\x1b[5A\x1b[Jnew\x1b[K\n\x1b[J');
});

test('nothing above the screen is reached for', async () => {
  const { area, written } = terminal(20, 3);
  await area.show(['1', '2', '3', '4', '5']);
  written();
  await area.show(['a']);
  expect(written()).toBe('\r\x1b[2Aa\x1b[K\n\x1b[J');
});
