import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { run } from '../process.ts';
import { createLayerPacker } from './layerpack.ts';
import { pack } from './pack.ts';

/** The tar of the layer that overlayfs has written to an upper directory; null when it has written nothing. */
export function packUpper(upper: string): AsyncIterable<Buffer> | null {
  return readdirSync(upper).length === 0 ? null : packLayer(upper);
}

async function* packLayer(upper: string): AsyncGenerator<Buffer> {
  const directory = openSync(upper, constants.O_RDONLY | constants.O_DIRECTORY);
  const packer = createLayerPacker();
  try {
    for await (const chunk of pack([{ directory, entry: '.', rename: '', without: [] }], { overlay: true })) {
      packer.push(chunk);
      yield* packer.take();
    }
    packer.end();
    yield* packer.take();
  } finally {
    closeSync(directory);
  }
}

/** Makes sure that nothing in a directory is younger than a moment, in seconds of Unix time. */
export async function limitTimes(directory: string, latest: number): Promise<void> {
  const touch = ['-exec', 'touch', '-h', '-c', '-d', `@${latest}`, '{}', '+'];
  await run('find', [directory, '-xdev', '-mindepth', '1', '-newermt', `@${latest}`, ...touch]);
}
