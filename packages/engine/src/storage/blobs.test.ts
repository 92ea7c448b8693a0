import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type BlobStore, createBlobStore } from './blobs.ts';
import { inChunks } from './tar.fixture.ts';

const base = mkdtempSync(join(tmpdir(), 'davit-blobs-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

let blobs: BlobStore;
let dataRoot: string;
beforeEach(() => {
  dataRoot = mkdtempSync(join(base, 'root'));
  blobs = createBlobStore({ dataRoot });
});

const content = Buffer.from('content '.repeat(10_000));
const hex = createHash('sha256').update(content).digest('hex');
const digest = `sha256:${hex}`;
const incoming = () => readdirSync(join(dataRoot, 'blobs/incoming'));

test('a blob is found by its digest, where an OCI layout has it', async () => {
  expect(await blobs.has(digest)).toBe(false);
  expect(await blobs.put(inChunks(content, 999))).toEqual({ digest, size: content.length });
  expect(readFileSync(join(dataRoot, 'blobs/sha256', hex)).equals(content)).toBe(true);
  expect(await blobs.has(digest)).toBe(true);
  expect((await blobs.read(digest, content.length)).equals(content)).toBe(true);
  const chunks: Buffer[] = [];
  for await (const chunk of await blobs.open(digest)) chunks.push(chunk);
  expect(Buffer.concat(chunks).equals(content)).toBe(true);
  await blobs.put(inChunks(content), { digest, size: content.length });
  await blobs.remove(digest);
  await blobs.remove(digest);
  expect(await blobs.has(digest)).toBe(false);
});

test('nothing is left of what is not the expected blob', async () => {
  const other = `sha256:${'0'.repeat(64)}`;
  await expect(blobs.put(inChunks(content), { digest: other })).rejects.toThrow(
    `expected ${other}, got ${digest}`,
  );
  await expect(blobs.put(inChunks(content), { size: 7 })).rejects.toThrow('expected 7 bytes, got more');
  await expect(blobs.put(inChunks(content), { size: 1e6 })).rejects.toThrow('expected 1000000 bytes');
  async function* failing() {
    yield content;
    throw new Error('gone');
  }
  await expect(blobs.put(failing())).rejects.toThrow('gone');
  expect([incoming(), await blobs.has(digest)]).toEqual([[], false]);
});

test('what is missing, too large or no digest is said', async () => {
  await expect(blobs.open(digest)).rejects.toThrow(expect.objectContaining({ kind: 'notFound' }));
  await expect(blobs.read(digest, 10)).rejects.toThrow(`content ${digest} not found`);
  await blobs.put(inChunks(content));
  await expect(blobs.read(digest, 10)).rejects.toThrow('10 at most');
  for (const wrong of ['', 'sha256:../../state.db', `sha256:${hex}/..`, `sha512:${hex}`])
    await expect(blobs.read(wrong, 10)).rejects.toThrow('invalid digest');
});

test('what had come in part is thrown away', () => {
  writeFileSync(join(dataRoot, 'blobs/incoming/half'), 'x');
  createBlobStore({ dataRoot });
  expect(incoming()).toEqual([]);
});
