import { mkdir } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-fs';

/** Unpacks an archive into a folder, which is made if need be. All of it belongs to whoever runs this. */
export async function unpackInto(folder: string, archive: Readable): Promise<void> {
  await mkdir(folder, { recursive: true });
  const options = { chown: false, umask: 0 } as never;
  await pipeline(archive, extract(folder, options));
}
