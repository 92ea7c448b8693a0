import { type Header, pack as packTar } from 'tar-stream';
import type { PaxRecord } from './tar.ts';
import { createTarScanner, type TarEntry } from './tarscan.ts';

type Entry = Partial<Header> & { name: string; content?: string | Buffer };

/** A tar archive for tests, made by an implementation that is not ours. */
export async function makeTar(entries: Entry[]): Promise<Buffer> {
  const pack = packTar();
  for (const { content = '', ...headers } of entries)
    pack.entry({ mtime: new Date(1e12), ...headers }, content);
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What an archive holds, as our scanner sees it. */
export function listTar(
  archive: Buffer,
): (Pick<TarEntry, 'name' | 'type' | 'linkname' | 'records'> & { content: string })[] {
  const found: ReturnType<typeof listTar> = [];
  const scanner = createTarScanner({
    entry({ name, type, linkname, records }) {
      found.push({ name, type, linkname, records, content: '' });
      return true;
    },
    content(piece) {
      const last = found.at(-1);
      if (last) last.content += piece.toString('latin1');
    },
    padding: () => undefined,
    beside: () => undefined,
  });
  scanner.push(archive);
  scanner.end();
  return found;
}

/** The value of a pax record. */
export const recordOf = (records: PaxRecord[], key: string): string | undefined =>
  records.find((record) => record[0] === key)?.[1];

/** A buffer as a stream of chunks of `size` bytes. */
export async function* inChunks(data: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}
