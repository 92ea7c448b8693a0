import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gzipParallel } from './gzip.ts';
import { inChunks } from './tar.fixture.ts';

const content = Buffer.concat([randomBytes(1_500_000), Buffer.alloc(2_000_000, 'text'), randomBytes(7)]);

test.each([0, 1, 1024 * 1024, content.length])('gives %d bytes back', async (size) => {
  const source = content.subarray(0, size);
  const packed = await buffer(gzipParallel(inChunks(source)));
  expect(gunzipSync(packed).equals(source)).toBe(true);
});

test('gives the same bytes for the same source, whatever its chunks', async () => {
  const first = await buffer(gzipParallel(inChunks(content, 10_007)));
  const second = await buffer(gzipParallel(inChunks(content, 3_000_000)));
  expect(first.equals(second)).toBe(true);
});

test('ends with its source', async () => {
  async function* failing() {
    yield content;
    throw new Error('the disk is gone');
  }
  await expect(buffer(gzipParallel(failing()))).rejects.toThrow('the disk is gone');
});
