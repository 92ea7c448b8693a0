import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBulkWriter } from './bulkwrite.ts';

const path = join(tmpdir(), `davit-bulkwrite-${process.pid}`);
let descriptor: number;
beforeEach(() => {
  descriptor = openSync(path, 'w');
});
afterEach(() => {
  closeSync(descriptor);
  rmSync(path);
});

test.each([
  [0, 1],
  [10, 3],
  [40_000, 2],
  [3000, 2000],
  [70_000, 100],
  [3_000_000, 3],
])('pieces of %i bytes, %i of them, are written in their order', async (size, count) => {
  const pieces = Array.from({ length: count }, (_, number) => Buffer.alloc(size, `${number}.`));
  const writer = createBulkWriter(descriptor);
  for (const piece of pieces) await writer.write(piece);
  await writer.end();
  expect(readFileSync(path).equals(Buffer.concat(pieces))).toBe(true);
});

test('a write that fails is told', async () => {
  const full = openSync('/dev/full', 'w');
  const writer = createBulkWriter(full);
  const write = async () => {
    for (let count = 0; count < 4; count++) await writer.write(Buffer.alloc(1024 * 1024));
    await writer.end();
  };
  await expect(write()).rejects.toThrow('ENOSPC');
  await writer.abandon();
  closeSync(full);
});

test('what is abandoned is written no further', async () => {
  const writer = createBulkWriter(descriptor);
  await writer.write(Buffer.alloc(1000));
  await writer.abandon();
  expect(readFileSync(path)).toHaveLength(0);
});
