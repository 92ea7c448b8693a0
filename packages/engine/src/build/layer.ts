import type { LayerRecord } from '../state/images.ts';
import type { Build } from './build.ts';

/** Makes a layer of a tar, and holds it for the build. */
export async function unpackLayer(
  { layers, held, signal }: Build,
  archive: AsyncIterable<Buffer> | null,
): Promise<LayerRecord | null> {
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
