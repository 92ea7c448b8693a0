import { EngineError } from '../errors.ts';
import type { RegistryClient } from '../registry/client.ts';
import type { Credentials } from '../registry/credentials.ts';
import { digestOf, fetchManifest, storeManifest } from '../registry/manifests.ts';
import type { Session } from '../registry/session.ts';
import type { ImageStore, LayerRecord } from '../state/images.ts';
import type { BlobStore } from '../storage/blobs.ts';
import type { LayerStore } from '../storage/layers.ts';
import type { LayerCompressor } from './compress.ts';
import { imageIdOf, readImageFile } from './config.ts';
import type { LayerFetcher, WantedLayer } from './fetch.ts';
import { hostPlatform } from './platform.ts';
import { imageManifest, readConfig } from './pull.ts';
import { createLayerPusher, pushConfig, settled } from './push.ts';
import { parseReference, withDefaultTag } from './reference.ts';
import { saveImages } from './save.ts';
import { writeManifest } from './writemanifest.ts';

/** Where an image is in a registry. */
export interface RemotePlace {
  /** Its name; without a tag `latest`. */
  name: string;
  credentials: Credentials;
  signal: AbortSignal;
}

/** Something in the form of an image that is none of the engine's: its layers are held by whoever has it. */
export interface DetachedImage {
  config: Buffer;
  /** DiffIDs. */
  layers: readonly string[];
}

export interface DetachedImages {
  /** What an image in a registry says of itself, and its layers, none of which is fetched. */
  read(place: RemotePlace): Promise<{ config: Buffer; layers: WantedLayer[] }>;
  /** Fetches one of those layers unless it is here, and holds it. */
  fetch(place: RemotePlace, layer: WantedLayer, held: (layer: LayerRecord) => void): Promise<LayerRecord>;
  /** Sends an image to a registry; what that has already is not sent. Returns the digest of its manifest. */
  push(place: RemotePlace, image: DetachedImage): Promise<string>;
  /** An OCI image layout that holds an image without a name. */
  archive(image: DetachedImage): AsyncGenerator<Buffer>;
}

export interface DetachedDependencies {
  images: ImageStore;
  layers: LayerStore;
  blobs: BlobStore;
  registries: RegistryClient;
  fetcher: LayerFetcher;
  compressor: LayerCompressor;
}

/** Images that go between registries, archives and the layers here without being listed. */
export function createDetachedImages(dependencies: DetachedDependencies): DetachedImages {
  const { registries, fetcher, layers } = dependencies;

  const open = <T>(
    { name, credentials, signal }: RemotePlace,
    actions: 'pull' | 'pull,push',
    work: (session: Session, path: string, tag: string) => Promise<T>,
  ): Promise<T> => {
    const { domain, path, tag, digest } = withDefaultTag(parseReference(name));
    const scopes = [`repository:${path}:${actions}`];
    const pulling = actions === 'pull';
    return registries.open({ domain, credentials, signal, scopes, pulling }, (session) =>
      work(session, path, digest || tag),
    );
  };

  return {
    read: (place) =>
      open(place, 'pull', async (session, path, tag) => {
        const manifest = await fetchManifest(session, path, tag);
        const reference = withDefaultTag(parseReference(place.name));
        const found = await imageManifest(session, { reference, manifest, wanted: hostPlatform });
        const config = await readConfig(session, path, found.config, place.signal);
        const diffIds = readImageFile(config).rootfs.diff_ids ?? [];
        if (diffIds.length !== found.layers.length)
          throw new EngineError('internal', `invalid manifest ${manifest.digest}: layers are missing`);
        const wanted = found.layers.map((descriptor, at) => ({ descriptor, diffId: diffIds[at] ?? '' }));
        return { config, layers: wanted };
      }),

    fetch: (place, layer, held) =>
      open(place, 'pull', (session, repository) =>
        fetcher.fetch({ session, repository }, layer, { watch: () => undefined, held, signal: place.signal }),
      ),

    push: (place, { config, layers: diffIds }) =>
      open(place, 'pull,push', async (session, path, tag) => {
        const reference = withDefaultTag(parseReference(place.name));
        const repository = `${reference.domain}/${path}`;
        const push = { reference, repository, signal: place.signal };
        const pusher = createLayerPusher(dependencies, session, push, () => undefined);
        const pushed = await settled([...diffIds], pusher.pushAny);
        await pushConfig(session, path, config);
        const manifest = writeManifest(config, pushed);
        await storeManifest(session, path, tag, manifest);
        return digestOf(manifest.content);
      }),

    archive({ config, layers: diffIds }) {
      const id = imageIdOf(config);
      const images = { get: () => ({ id, config, layers: diffIds, size: 0, lastTagged: '' }) };
      return saveImages({ images, layers, held: ({ diffId }) => layers.release(diffId) }, [
        { id, references: [] },
      ]);
    },
  };
}
