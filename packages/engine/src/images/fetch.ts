import type { ProgressMessage } from '@davit/api';
import { EngineError } from '../errors.ts';
import { downloadBlob } from '../registry/download.ts';
import type { Session } from '../registry/session.ts';
import type { ImageStore, LayerRecord } from '../state/images.ts';
import type { BlobStore } from '../storage/blobs.ts';
import type { LayerStore } from '../storage/layers.ts';
import type { Descriptor } from './remote.ts';
import { createSlots } from './slots.ts';
import { createTransfers, type Participant } from './transfers.ts';

/** One layer of an image in a registry, and what it should become. */
export interface WantedLayer {
  descriptor: Descriptor;
  diffId: string;
}

export interface LayerFetcher {
  /**
   * Fetches a layer, unless it is here already or on its way, and holds it. `watch` gets what docker's clients
   * show of it.
   */
  fetch(
    from: { session: Session; repository: string },
    wanted: WantedLayer,
    client: { watch(message: ProgressMessage): void; held(layer: LayerRecord): void; signal: AbortSignal },
  ): Promise<LayerRecord>;
}

export interface FetcherDependencies {
  images: ImageStore;
  layers: LayerStore;
  blobs: BlobStore;
}

/** As docker's `max-concurrent-downloads`. */
const atOnce = 3;
/** Milliseconds between two messages about the same layer. */
const messageStep = 100;

export const shortDigest = (digest: string): string => digest.slice(7, 19);

/**
 * Fetches layers from registries. A layer is unpacked while it arrives, and kept as it came besides: its bytes
 * cannot be made again from its files, as no two compressors write the same, but its digest is what others know
 * it by. An image that was pulled can so be pushed anywhere under the same digests, and without compressing it.
 */
export function createLayerFetcher({ images, layers, blobs }: FetcherDependencies): LayerFetcher {
  const slots = createSlots(atOnce);
  const transfers = createTransfers<LayerRecord>(({ diffId }) => layers.release(diffId));

  const known = (diffId: string): LayerRecord | null => {
    const layer = images.layer(diffId);
    return layer && layers.hold(diffId) ? layer : null;
  };

  /** Unpacks and keeps what comes; the layer is held. */
  const takeIn = async (content: AsyncIterable<Buffer>, { descriptor, diffId }: WantedLayer) => {
    const { digest, size, mediaType } = descriptor;
    let isWhole = false;
    let ended: Promise<void> = Promise.resolve();
    async function* whole() {
      const { promise, resolve } = Promise.withResolvers<void>();
      ended = promise;
      try {
        yield* blobs.passing(content, { digest, size });
        isWhole = true;
      } finally {
        resolve();
      }
    }
    try {
      const layer = await layers.unpack(whole(), diffId);
      if (!isWhole) {
        layers.release(diffId);
        await layers.remove(diffId).done;
        throw new EngineError('internal', `the layer ${digest} goes on after its end`);
      }
      // Written down at once: a pull that breaks off later goes on from here.
      images.addLayer(layer, { digest, diffId, size, mediaType });
      return layer;
    } catch (error) {
      // It may still be on its way to its place.
      await ended;
      if (images.blobsOf(diffId).every((blob) => blob.digest !== digest)) await blobs.remove(digest);
      throw error;
    }
  };

  return {
    async fetch({ session, repository }, wanted, { watch, held, signal }) {
      const { descriptor, diffId } = wanted;
      const id = shortDigest(descriptor.digest);
      const here = known(diffId);
      if (here) {
        held(here);
        watch({ status: 'Already exists', progressDetail: {}, id });
        return here;
      }
      watch({ status: 'Pulling fs layer', progressDetail: {}, id });
      let isOurs = false;
      const join = (): Promise<LayerRecord> =>
        transfers.join(`${diffId} ${descriptor.digest}`, participant).catch((error) => {
          // What another client's registry could not give, ours may.
          if (isOurs || signal.aborted) throw error;
          return join();
        });
      const participant: Participant<LayerRecord> = {
        signal,
        watch: (message) => watch({ ...message, id }),
        take({ diffId }) {
          const layer = known(diffId);
          if (layer) held(layer);
        },
        async start(stop, tell) {
          isOurs = true;
          const waiting = () => tell({ status: 'Waiting', progressDetail: {} });
          // Whoever asked first may leave before the others.
          const close = session.keep();
          const fetched = slots.use(stop, waiting, async () => {
            const { digest, size } = descriptor;
            const content = downloadBlob(session, repository, {
              ...{ digest, size, signal: stop },
              retrying: (seconds) =>
                tell({
                  status: `Retrying in ${seconds} second${seconds === 1 ? '' : 's'}`,
                  progressDetail: {},
                }),
            });
            const layer = await takeIn(counted(content, size, tell), wanted);
            tell({ status: 'Pull complete', progressDetail: {} });
            return layer;
          });
          return fetched.finally(close);
        },
      };
      return join();
    },
  };
}

/** Tells how a download goes on. */
async function* counted(
  source: AsyncIterable<Buffer>,
  total: number,
  tell: (message: ProgressMessage) => void,
): AsyncGenerator<Buffer> {
  let current = 0;
  let next = 0;
  for await (const chunk of source) {
    current += chunk.length;
    if (Date.now() >= next || current === total) {
      next = Date.now() + messageStep;
      tell({ status: 'Downloading', progressDetail: { current, total } });
    }
    yield chunk;
  }
  tell({ status: 'Verifying Checksum', progressDetail: {} });
  tell({ status: 'Download complete', progressDetail: {} });
  tell({ status: 'Extracting', progressDetail: { current: total, total } });
}
