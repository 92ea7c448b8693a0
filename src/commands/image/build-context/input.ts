import { Readable } from 'node:stream';
import { pack } from 'tar-stream';

const compressed = [
  [0x1f, 0x8b],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a],
  [0x28, 0xb5, 0x2f, 0xfd],
];

/** Standard input as a build context: an archive is passed on, anything else is a Dockerfile without a context. */
export async function contextFromInput(input: Readable): Promise<Readable> {
  const parts = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let start: Buffer = Buffer.alloc(0);
  let ended = false;
  while (start.length < 512 && !ended) {
    const next = await parts.next();
    ended = next.done === true;
    if (!next.done) start = Buffer.concat([start, next.value]);
  }
  if (isArchive(start)) {
    return Readable.from(
      (async function* () {
        yield start;
        for (let next = await parts.next(); !next.done; next = await parts.next()) yield next.value;
      })(),
      { objectMode: false },
    );
  }
  const all = [start];
  for (let next = await parts.next(); !next.done; next = await parts.next()) all.push(next.value);
  const archive = pack();
  archive.entry({ name: 'Dockerfile', mode: 0o600, mtime: new Date(0) }, Buffer.concat(all));
  archive.finalize();
  return Readable.from(archive, { objectMode: false });
}

function isArchive(start: Buffer): boolean {
  const isTar = start.length >= 262 && start.toString('latin1', 257, 262) === 'ustar';
  return isTar || compressed.some((mark) => mark.every((byte, at) => start[at] === byte));
}
