import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeNode } from './files.ts';
import { unreadIn } from './pipe.ts';

test('what waits in a named pipe is counted and not taken', () => {
  const folder = mkdtempSync(join(tmpdir(), 'davit-pipe-'));
  const path = join(folder, 'pipe');
  makeNode(path, 'p', 0, 0);
  const ends = openSync(path, 'r+');
  writeSync(ends, '2 0 0\n');
  expect(unreadIn(path)).toBe(6);
  expect(unreadIn(path)).toBe(6);
  readSync(ends, Buffer.alloc(6));
  expect(unreadIn(path)).toBe(0);
  closeSync(ends);
  rmSync(folder, { recursive: true });
  expect(unreadIn(path)).toBe(0);
});
