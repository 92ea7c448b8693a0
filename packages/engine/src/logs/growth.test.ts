import { getEventListeners } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { reachSize } from './growth.ts';

const folder = mkdtempSync(join(tmpdir(), 'davit-growth-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a log that grows with pauses is waited for, and leaves no listener behind', async () => {
  const path = join(folder, 'log');
  writeFileSync(path, '');
  const { signal } = new AbortController();
  let isThere = false;
  const reached = reachSize(path, 5, signal).then(() => {
    isThere = true;
  });
  for (let size = 1; size <= 5; size++) {
    // It rests, with one listener at most, whatever the number of pauses before.
    await expect.poll(() => getEventListeners(signal, 'abort').length).toBe(1);
    expect(isThere).toBe(false);
    appendFileSync(path, 'x');
  }
  await reached;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
