import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createOutput } from '../../../terminal/streams.ts';
import { createProgress } from './progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An output that keeps what is written to it. */
function outputOf(isTTY: boolean) {
  let text = '';
  const stream = new Writable({
    write(data, _encoding, done) {
      text += data;
      done();
    },
  });
  return { output: createOutput(Object.assign(stream, { isTTY }), {}), written: () => text };
}

const cleared = '\r\x1b[2K';

test('a terminal sees how much is copied so far, and in the end what it was', async () => {
  const { output, written } = outputOf(true);
  const progress = createProgress(output, 'Copying to container - ');
  progress.counter.resume();
  progress.counter.write(Buffer.alloc(1500));
  vi.advanceTimersByTime(100);
  expect(written()).toBe(`${cleared}Copying to container - 1.5kB`);
  // Nothing new is nothing to draw.
  vi.advanceTimersByTime(300);
  progress.counter.write(Buffer.alloc(1_000_000));
  vi.advanceTimersByTime(100);
  expect(written()).toBe(`${cleared}Copying to container - 1.5kB${cleared}Copying to container - 1MB`);
  await progress.finish('web:/file');
  expect(written().endsWith(`${cleared}Successfully copied 1MB to web:/file\n`)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('nothing else does', async () => {
  const { output, written } = outputOf(false);
  const progress = createProgress(output, 'Copying to container - ');
  vi.advanceTimersByTime(1000);
  progress.clear();
  expect(written()).toBe('');
  await progress.finish('web:/file');
  expect(written()).toBe('Successfully copied 0B to web:/file\n');
});
