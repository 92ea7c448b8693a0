import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pack } from './pack.ts';

it('lends no piece that is so short that it may still wait to be sent when the next one is asked for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'davit-pack-'));
  writeFileSync(join(folder, 'file'), Buffer.alloc(40_000, 'x'));
  const directory = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const short: Buffer[] = [];
    // tar fills up 256 KiB; how much of that is read at once differs from time to time.
    for (let round = 0; round < 10; round += 1)
      for await (const piece of pack([{ directory, entry: '.', rename: '', without: [] }], { lend: true }))
        if (piece.length < 128 * 1024) short.push(piece);
    const lent = short.filter(({ buffer }) => buffer.byteLength >= 512 * 1024);
    expect(short.length).toBeGreaterThan(0);
    expect(lent).toEqual([]);
  } finally {
    closeSync(directory);
    rmSync(folder, { recursive: true });
  }
});
