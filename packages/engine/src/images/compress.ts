import { mediaTypes } from '../registry/manifests.ts';
import type { ImageStore, LayerBlob } from '../state/images.ts';
import type { BlobStore } from '../storage/blobs.ts';
import { gzipParallel } from '../storage/gzip.ts';
import type { LayerStore } from '../storage/layers.ts';
import { createTransfers } from './transfers.ts';

export interface LayerCompressor {
  /** The compressed form of a layer that is held, made now if there is none; the same every time. */
  compressed(
    diffId: string,
    signal: AbortSignal,
    progress: (current: number, total: number) => void,
  ): Promise<LayerBlob>;
}

/** Compresses layers for registries, each once: what comes out is kept and remembered. */
export function createLayerCompressor({
  images,
  layers,
  blobs,
}: {
  images: ImageStore;
  layers: LayerStore;
  blobs: BlobStore;
}): LayerCompressor {
  const transfers = createTransfers<LayerBlob>();
  return {
    async compressed(diffId, signal, progress) {
      for (const blob of images.blobsOf(diffId)) if (await blobs.has(blob.digest)) return blob;
      return transfers.join(diffId, {
        signal,
        watch: ({ progressDetail }) => progress(progressDetail?.current ?? 0, progressDetail?.total ?? 0),
        async start(stop, tell) {
          const total = await layers.tarSize(diffId);
          let current = 0;
          async function* content() {
            for await (const piece of layers.tar(diffId)) {
              stop.throwIfAborted();
              current += piece.length;
              tell({ progressDetail: { current, total } });
              yield piece;
            }
          }
          const { digest, size } = await blobs.put(gzipParallel(content()));
          await layers.mark(diffId);
          const blob = { digest, diffId, size, mediaType: mediaTypes.layer };
          images.addBlobs([blob]);
          return blob;
        },
      });
    },
  };
}
