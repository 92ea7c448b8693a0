import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { EngineError } from '../errors.ts';
import { ProgramFailed } from '../process.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

const marks: [Compression, Buffer][] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['bzip2', Buffer.from('BZh')],
];

const packages = { xz: 'xz-utils', bzip2: 'bzip2' };

const longestMark = 6;
const outputChunk = 256 * 1024;

/** How data is compressed, by its first bytes. */
export function compressionOf(start: Buffer): Compression {
  return marks.find(([, mark]) => start.subarray(0, mark.length).equals(mark))?.[0] ?? 'none';
}

/** Reads a stream on to at least `size` bytes, or its end; returns them, and all of it from the beginning. */
export async function peek(
  source: AsyncIterable<Buffer>,
  size: number,
): Promise<{ start: Buffer; whole: AsyncIterable<Buffer> }> {
  const rest = source[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  while (start.length < size) {
    const next = await rest.next();
    if (next.done) break;
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
  }
  async function* whole() {
    try {
      if (start.length > 0) yield start;
      for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
    } finally {
      await rest.return?.();
    }
  }
  return { start, whole: whole() };
}

/** The content of a stream that may be compressed: with gzip, zstd, xz, bzip2, or not at all. */
export async function* decompress(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { start, whole } = await peek(source, longestMark);
  const compression = compressionOf(start);
  if (compression === 'none') yield* whole;
  else if (compression === 'xz' || compression === 'bzip2') yield* through(compression, ['-dc'], whole);
  else {
    const options = { chunkSize: outputChunk };
    const output = compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
    // A failure of either side destroys both, and so reaches the reader of the output.
    const done = pipeline(whole, output).catch(() => undefined);
    try {
      yield* output;
    } catch (error) {
      throw isDataError(error) ? broken(compression, error) : error;
    } finally {
      output.destroy();
      await done;
    }
  }
}

function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_|ERR_ZSTD)/.test(String(error.code));
}

function broken(compression: Compression, cause: unknown): EngineError {
  return new EngineError('badParameter', `the ${compression} data is broken or cut short`, { cause });
}

/** Sends a stream through a program. */
async function* through(
  program: 'xz' | 'bzip2',
  args: string[],
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  ended.catch(() => undefined);
  let failure: unknown;
  const fed = pipeline(Readable.from(whole(source), { objectMode: false }), child.stdin).catch(
    () => undefined,
  );
  async function* whole(input: AsyncIterable<Buffer>) {
    try {
      yield* input;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  try {
    yield* child.stdout;
    const [code] = await ended;
    if (failure) throw failure;
    if (code !== 0) throw broken(program, new ProgramFailed(program, `exited with code ${code}`, ''));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new EngineError(
      'unavailable',
      `the program ${program} is not installed; this installs it: apt-get install ${packages[program]}`,
    );
  } finally {
    child.kill('SIGKILL');
    await fed;
  }
}
