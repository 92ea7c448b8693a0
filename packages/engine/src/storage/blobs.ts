import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { access, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { EngineError } from '../errors.ts';

/** What is known of a blob before it has come. */
export interface ExpectedBlob {
  digest?: string;
  size?: number;
}

/** Content by its digest, in files named as in an OCI image layout: `blobs/sha256/<hex>`. */
export interface BlobStore {
  /** Takes in a blob as it streams by. It is there as a whole or, when it is not the expected one, not at all. */
  put(source: AsyncIterable<Uint8Array>, expected?: ExpectedBlob): Promise<{ digest: string; size: number }>;
  /**
   * Passes a blob on as it is taken in. The end comes only when it is there and the expected one: who reads it to
   * the end knows that it was right.
   */
  passing(source: AsyncIterable<Buffer>, expected: Required<ExpectedBlob>): AsyncGenerator<Buffer>;
  /** Opens a blob for reading from `start` on. Throws `notFound`. */
  open(digest: string, start?: number): Promise<Readable>;
  /** The whole of a small blob; one that is larger than `limit` is refused. */
  read(digest: string, limit: number): Promise<Buffer>;
  has(digest: string): Promise<boolean>;
  /** Removes a blob if it is there. */
  remove(digest: string): Promise<void>;
  /** The names of what is here beside these blobs. */
  strays(digests: Iterable<string>): string[];
  /** Removes all blobs but these: what a crash left between taking in and writing down. */
  removeAllBut(digests: Iterable<string>): void;
}

/** Opens the blobs below `dataRoot`, and throws away what had come in part when an engine ended. */
export function createBlobStore({ dataRoot }: { dataRoot: string }): BlobStore {
  const blobs = join(dataRoot, 'blobs', 'sha256');
  const incoming = join(dataRoot, 'blobs', 'incoming');
  for (const directory of [blobs, incoming]) mkdirSync(directory, { recursive: true, mode: 0o710 });
  for (const name of readdirSync(incoming)) rmSync(join(incoming, name), { force: true });

  const pathOf = (digest: string): string => {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest))
      throw new EngineError('badParameter', `invalid digest ${JSON.stringify(digest)}`);
    return join(blobs, digest.slice(7));
  };
  const orMissing = (digest: string) => (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new EngineError('notFound', `content ${digest} not found`);
  };

  /** A blob on its way in: written beside the others, and one of them only when it is whole. */
  const takeIn = async (expected: ExpectedBlob) => {
    const path = join(incoming, randomBytes(12).toString('hex'));
    const hash = createHash('sha256');
    const file = await open(path, 'wx', 0o640);
    let size = 0;
    return {
      async write(chunk: Uint8Array) {
        size += chunk.length;
        if (expected.size !== undefined && size > expected.size)
          throw unexpected(`${expected.size} bytes`, 'more');
        hash.update(chunk);
        await file.writeFile(chunk);
      },
      async finish() {
        if (expected.size !== undefined && size !== expected.size)
          throw unexpected(`${expected.size} bytes`, `${size}`);
        const digest = `sha256:${hash.digest('hex')}`;
        if (expected.digest !== undefined && digest !== expected.digest)
          throw unexpected(expected.digest, digest);
        await rename(path, pathOf(digest));
        return { digest, size };
      },
      async close() {
        await file.close();
        await rm(path, { force: true });
      },
    };
  };

  const strays = (digests: Iterable<string>) => {
    const kept = new Set(Array.from(digests, (digest) => digest.slice(7)));
    return readdirSync(blobs).filter((name) => !kept.has(name));
  };

  return {
    async put(source, expected = {}) {
      const intake = await takeIn(expected);
      try {
        for await (const chunk of source) await intake.write(chunk);
        return await intake.finish();
      } finally {
        await intake.close();
      }
    },
    async *passing(source, expected) {
      const intake = await takeIn(expected);
      try {
        for await (const chunk of source) {
          await intake.write(chunk);
          yield chunk;
        }
        await intake.finish();
      } finally {
        await intake.close();
      }
    },
    async open(digest, start = 0) {
      const path = pathOf(digest);
      await access(path).catch(orMissing(digest));
      return createReadStream(path, { start, highWaterMark: 256 * 1024 });
    },
    async read(digest, limit) {
      const path = pathOf(digest);
      const { size } = await stat(path).catch(orMissing(digest));
      if (size > limit)
        throw new EngineError(
          'badParameter',
          `content ${digest} has ${size} bytes, ${limit} at most are read`,
        );
      return readFile(path);
    },
    has: (digest) =>
      access(pathOf(digest)).then(
        () => true,
        () => false,
      ),
    remove: (digest) => rm(pathOf(digest), { force: true }),
    strays,
    removeAllBut(digests) {
      for (const name of strays(digests)) rmSync(join(blobs, name), { force: true });
    },
  };
}

function unexpected(wanted: string, got: string): EngineError {
  return new EngineError(
    'badParameter',
    `the content is not what it should be: expected ${wanted}, got ${got}`,
  );
}
