import { afterEach, describe, expect, it, vi } from 'vitest';
import { setLogLevel } from './log.ts';
import { beginTrace } from './trace.ts';

afterEach(() => {
  setLogLevel('info');
  vi.restoreAllMocks();
});

/** What a piece of work with two parts writes into the log. */
async function traced(): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const trace = beginTrace('work is done');
  const all = [trace.part('first', Promise.resolve(1)), trace.part('second', Promise.resolve(2))];
  expect(await Promise.all(all)).toEqual([1, 2]);
  await expect(trace.part('third', Promise.reject(new Error('no')))).rejects.toThrow('no');
  trace.end({ container: 'web' });
  return lines.join('');
}

describe('a trace', () => {
  it('tells the milliseconds of each part at the level debug', async () => {
    setLogLevel('debug');
    const number = '[0-9.]+';
    expect(await traced()).toMatch(
      new RegExp(
        `level=debug msg="work is done" container="web" first=${number} second=${number} third=${number} total=${number}\n$`,
      ),
    );
  });

  it('is silent otherwise', async () => {
    expect(await traced()).toBe('');
  });
});
