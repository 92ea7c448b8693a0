import { closeSync, constants, openSync } from 'node:fs';
import { pack } from '../storage/pack.ts';
import type { Services } from './build.ts';

/** An archive of an image's files, without the places that containers have in addition. Throws `notFound`. */
export async function imageFiles(
  { images, roots }: Pick<Services, 'images' | 'roots'>,
  name: string,
): Promise<AsyncIterable<Buffer>> {
  const { held, done } = images.holdLayers();
  try {
    const { layers } = images.open(name, held);
    const loan = await roots.mountLayers(layers);
    return archiveOf(loan.root, async () => {
      await loan.release();
      await done();
    });
  } catch (error) {
    await done();
    throw error;
  }
}

async function* archiveOf(root: string, end: () => Promise<void>): AsyncGenerator<Buffer> {
  try {
    const directory = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      yield* pack([{ directory, entry: '.', rename: '', without: [] }]);
    } finally {
      closeSync(directory);
    }
  } finally {
    await end();
  }
}
