import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import type { TlsMaterial } from '../../config/context-store.ts';
import { type ContextMetadata, parseMetadata } from '../../config/contexts.ts';
import { CommandError } from '../../exit.ts';
import { isZip, readZip } from './zip.ts';

/** Bytes that an archive of a context may have; what it is made of is small. */
const largest = 10 * 1024 * 1024;

/** A context as the archive that docker exports. */
export function packContext(metadata: ContextMetadata, tls: TlsMaterial): AsyncIterable<unknown> {
  const archive = pack();
  const mtime = new Date(0);
  archive.entry({ name: 'meta.json', mode: 0o644, mtime }, JSON.stringify(metadata));
  archive.entry({ name: 'tls', type: 'directory', mode: 0o700, mtime });
  for (const [endpoint, files] of Object.entries(tls)) {
    archive.entry({ name: `tls/${endpoint}`, type: 'directory', mode: 0o700, mtime });
    for (const [name, content] of Object.entries(files)) {
      archive.entry({ name: `tls/${endpoint}/${name}`, mode: 0o600, mtime }, Buffer.from(content));
    }
  }
  archive.finalize();
  return archive;
}

/** Reads an exported context, from a tar or a zip archive. Throws CommandError for what is none. */
export async function unpackContext(
  source: Readable,
): Promise<{ metadata: ContextMetadata; tls: TlsMaterial }> {
  const archive = await readAll(source);
  const files = isZip(archive) ? readZip(archive, largest) : await readTar(archive);
  const tls: TlsMaterial = {};
  let metadata: ContextMetadata | undefined;
  for (const [name, content] of files) {
    if (name === 'meta.json') {
      metadata = readDescription(content);
      continue;
    }
    // Names become names of files: nothing but these may stand in them.
    const [, endpoint, file] = /^tls\/([\w-][\w.-]*)\/([\w-][\w.-]*)$/.exec(name) ?? [];
    if (!endpoint || !file) throw new CommandError(`${name}: unexpected context file`);
    tls[endpoint] = { ...tls[endpoint], [file]: content };
  }
  if (!metadata) throw new CommandError('invalid context: no metadata found');
  return { metadata, tls };
}

function readDescription(content: Buffer): ContextMetadata {
  try {
    return parseMetadata(content.toString());
  } catch (error) {
    throw new CommandError(`invalid context: meta.json: ${(error as Error).message}`, 1, { cause: error });
  }
}

async function readAll(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest) throw new CommandError(`invalid context: the archive has more than ${largest} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readTar(archive: Buffer): Promise<[string, Buffer][]> {
  const files: [string, Buffer][] = [];
  const entries = extract();
  entries.end(archive);
  try {
    for await (const entry of entries) {
      const { name, type } = entry.header;
      if (type === 'file') files.push([name, await buffer(entry)]);
      else entry.resume();
    }
  } catch (error) {
    throw new CommandError(`invalid context: ${(error as Error).message}`, 1, { cause: error });
  }
  return files;
}
