import { PassThrough } from 'node:stream';
import type { ProgressMessage } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { CommandError } from '../exit.ts';
import { createOutput } from '../terminal/streams.ts';
import { describeProgress, showProgress } from './progress.ts';

async function shown(
  messages: ProgressMessage[],
  terminal?: { columns: number; rows: number },
): Promise<string> {
  const stream = Object.assign(new PassThrough(), terminal ? { isTTY: true, ...terminal } : {});
  async function* source() {
    yield* messages;
  }
  await showProgress(source(), { output: createOutput(stream, {}) });
  return String(stream.read() ?? '');
}

const layer = (id: string, current: number, total = 2000): ProgressMessage => ({
  id,
  status: 'Loading layer',
  progressDetail: { current, total },
});

/** What a terminal shows after a text with the movements of the cursor that are used here. */
function screen(text: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  for (const [token] of text.matchAll(/\x1b\[\d+[A-Z]|[\s\S]/g)) {
    const [, count, move] = /^\x1b\[(\d+)([A-Z])$/.exec(token) ?? [];
    if (move === 'A') row = Math.max(row - Number(count), 0);
    else if (move === 'B') row += Number(count);
    else if (move === 'K') lines[row] = '';
    else if (token === '\r') column = 0;
    else if (token === '\n') {
      row++;
      column = 0;
    } else {
      const line = lines[row] ?? '';
      lines[row] = line.slice(0, column).padEnd(column) + token + line.slice(column + 1);
      column++;
    }
    lines[row] ??= '';
  }
  return lines;
}

describe('describeProgress', () => {
  it.each([
    [{}, 120, ''],
    [{ current: 1000, total: 2000 }, 120, `[${'='.repeat(25)}>${' '.repeat(25)}]      1kB/2kB`],
    [{ current: 1000, total: 2000 }, 110, '     1kB/2kB'],
    [{ current: 3000, total: 2000 }, 110, '     3kB'],
    [{ current: 3000 }, 110, '     3kB'],
    [{ current: 3, units: 's' }, 110, '3 s'],
  ])('%j in %d columns', (detail, width, text) => {
    expect(describeProgress(detail, width)).toBe(text);
  });
});

describe('showProgress to a pipe', () => {
  it('prints what happened and leaves out how far it went', async () => {
    const text = await shown([
      { id: 'latest', status: 'Pulling from web' },
      layer('abc', 10),
      { id: 'abc', status: 'Pull complete', progressDetail: {} },
      { status: 'Status: Downloaded' },
      { stream: 'Loaded image: web\n' },
    ]);
    expect(text).toBe(
      'latest: Pulling from web\nabc: Pull complete\nStatus: Downloaded\nLoaded image: web\n',
    );
  });

  it('fails with the words of the engine', async () => {
    const failing = shown([
      { status: 'a' },
      { error: 'no space', errorDetail: { message: 'no space left' } },
    ]);
    await expect(failing).rejects.toThrow(new CommandError('no space left'));
  });
});

describe('showProgress on a terminal', () => {
  const terminal = { columns: 60, rows: 24 };

  it('keeps a line for each layer', async () => {
    const text = await shown(
      [layer('one', 500), layer('two', 1000), layer('one', 2000), { status: 'Done' }],
      terminal,
    );
    expect(screen(text)).toEqual([
      'one: Loading layer      2kB/2kB',
      'two: Loading layer      1kB/2kB',
      'Done',
      '',
    ]);
  });

  it('never lets a line wrap', async () => {
    const text = await shown([layer('one', 500), layer('two', 500)], { columns: 20, rows: 24 });
    expect(screen(text)).toEqual(['one: Loading layer ', 'two: Loading layer ', '']);
  });

  it('leaves lines alone that have left the screen', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    const text = await shown([...ids.map((id) => layer(id, 500)), layer('a', 2000)], {
      columns: 60,
      rows: 3,
    });
    expect(screen(text)[0]).toBe('a: Loading layer     500B/2kB');
  });
});
