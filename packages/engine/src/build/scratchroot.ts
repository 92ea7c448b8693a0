import { randomBytes } from 'node:crypto';
import type { LayerRecord } from '../state/images.ts';
import type { FileTree } from '../storage/hold.ts';
import type { Build } from './build.ts';
import { layerOfUpper } from './layer.ts';

/** Lets `write` change files above some layers, and makes a layer of that; null when it changed nothing. */
export async function writeLayer(
  build: Build,
  below: readonly string[],
  write: (tree: FileTree) => Promise<void>,
): Promise<LayerRecord | null> {
  const { roots, store } = build;
  const id = `build-${randomBytes(12).toString('hex')}`;
  store.addLease('root', id);
  try {
    await roots.create(id);
    const root = await roots.mount(id, below, { volatile: true });
    await write({ root, mounts: [] });
    await roots.unmount(id);
    const { UpperDir: upper = '' } = roots.describe(id, below);
    return await layerOfUpper(build, upper);
  } finally {
    await roots.remove(id);
    store.removeLease('root', id);
  }
}
