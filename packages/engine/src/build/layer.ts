import { isMounted } from '../kernel/mount.ts';
import type { LayerRecord } from '../state/images.ts';
import { limitTimes, packUpper } from '../storage/upper.ts';
import type { Build } from './build.ts';

/** Makes a layer of what overlayfs has written, and holds it for the build. What was written is taken away. */
export async function layerOfUpper(
  { layers, held, signal, epoch }: Build,
  upper: string,
): Promise<LayerRecord | null> {
  signal.throwIfAborted();
  if (epoch !== null) await limitTimes(upper, epoch);
  const layer = await layers.adopt(upper);
  if (layer) held(layer);
  return layer;
}

/** The same of a container that has ended; one that is kept keeps what it has written. */
export async function layerOfContainer(
  build: Build,
  containerId: string,
  keep: boolean,
): Promise<LayerRecord | null> {
  const { roots, layers, held, signal, epoch } = build;
  const { UpperDir: upper = '', MergedDir: merged = '' } = roots.describe(containerId, []);
  // Someone may be copying files out of it.
  const isFree = !keep && !isMounted(merged);
  if (isFree) return layerOfUpper(build, upper);
  if (epoch !== null) await limitTimes(upper, epoch);
  const archive = packUpper(upper);
  if (!archive) return null;
  const layer = await layers.unpack(abortable(archive, signal));
  held(layer);
  return layer;
}

async function* abortable(source: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    signal.throwIfAborted();
    yield chunk;
  }
}
