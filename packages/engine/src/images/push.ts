import { Readable } from 'node:stream';
import type { ProgressMessage } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { RegistryClient } from '../registry/client.ts';
import type { Credentials } from '../registry/credentials.ts';
import { digestOf, type FetchedManifest, storeManifest } from '../registry/manifests.ts';
import type { Session } from '../registry/session.ts';
import { hasBlob, pushBlob } from '../registry/upload.ts';
import type { ImageStore, LayerBlob, Manifest } from '../state/images.ts';
import type { BlobStore } from '../storage/blobs.ts';
import type { LayerStore } from '../storage/layers.ts';
import type { LayerCompressor } from './compress.ts';
import { shortDigest } from './fetch.ts';
import type { Report } from './load.ts';
import {
  familiarName,
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
} from './reference.ts';
import { readRemote } from './remote.ts';
import { createSlots, type Slots } from './slots.ts';
import { writeManifest } from './writemanifest.ts';

export interface PushOptions {
  name: string;
  /** Empty for all tags of the repository. */
  tag: string;
  credentials: Credentials;
  signal: AbortSignal;
}

export interface Pushing {
  images: ImageStore;
  layers: LayerStore;
  blobs: BlobStore;
  registries: RegistryClient;
  compressor: LayerCompressor;
  held(layer: { diffId: string }): void;
  /** Told of every name that was pushed. */
  pushed(reference: Reference): void;
}

/** As docker's `max-concurrent-uploads`. */
const atOnce = 5;

/** Sends images to their registry. Existing layers are found there, not sent. */
export async function pushImages(pushing: Pushing, options: PushOptions, report: Report): Promise<void> {
  const { credentials, signal, tag } = options;
  const asked = parseReference(options.name);
  if (asked.digest !== '') throw new EngineError('badParameter', 'cannot push a digest reference');
  const wanted = tag || asked.tag;
  const { domain, path } = asked;
  const repository = formatReference({ ...asked, tag: '' });
  await report({ status: `The push refers to repository [${repository}]` });

  const tagged = pushing.images
    .names()
    .map(({ name, imageId }) => ({ reference: parseReference(name), imageId }))
    .filter(({ reference }) => reference.domain === domain && reference.path === path);
  if (tagged.length === 0)
    throw new EngineError('notFound', `An image does not exist locally with the tag: ${familiarName(asked)}`);
  const chosen = tagged.filter(({ reference }) =>
    wanted === '' ? reference.tag !== '' : reference.tag === wanted,
  );
  if (chosen.length === 0)
    throw new EngineError('notFound', `tag does not exist: ${familiarReference({ ...asked, tag: wanted })}`);
  const place = { domain, credentials, signal, pulling: false, scopes: [`repository:${path}:pull,push`] };
  await pushing.registries.open(place, async (session) => {
    for (const { reference, imageId } of chosen)
      await pushOne(pushing, session, { reference, imageId, repository, signal }, report);
  });
}

interface Push {
  reference: Reference;
  imageId: string;
  /** The repository in full. */
  repository: string;
  signal: AbortSignal;
}

async function pushOne(pushing: Pushing, session: Session, push: Push, report: Report): Promise<void> {
  const { images, layers, held } = pushing;
  const { reference, imageId, repository } = push;
  const image = images.get(imageId);
  if (!image) throw new EngineError('notFound', `No such image: ${familiarReference(reference)}`);
  const unique = [...new Set(image.layers)];
  for (const diffId of unique) {
    if (!layers.hold(diffId))
      throw new EngineError('internal', `the layer ${diffId} of the image is missing`);
    held({ diffId });
  }
  const tell = (diffId: string, status: string, progressDetail: ProgressMessage['progressDetail'] = {}) =>
    void report({ status, progressDetail, id: shortDigest(diffId) });
  for (const diffId of unique.toReversed()) tell(diffId, 'Preparing');

  const layerPusher = createLayerPusher(pushing, session, push, tell);
  const manifest = await chooseManifest(pushing, layerPusher, image);
  await pushConfig(session, reference.path, image.config);
  await storeManifest(session, reference.path, reference.tag, manifest);

  const { digest, content } = manifest;
  images.addManifest(imageId, manifest);
  images.name(imageId, formatReference({ ...reference, tag: '', digest }), null);
  pushing.pushed(reference);
  await report({ status: `${reference.tag}: digest: ${digest} size: ${content.length}` });
  await report({
    progressDetail: {},
    aux: { Tag: reference.tag, Digest: digest, Size: content.length },
  });
  for (const blob of blobsOfManifest(manifest)) images.addSource(blob, repository);
}

interface LayerPusher {
  /** Brings a layer under this digest into the repository; false when nobody has it under that. */
  pushKnown(diffId: string, digest: string): Promise<boolean>;
  /** Brings a layer into the repository, compressed in whatever way. */
  pushAny(diffId: string): Promise<LayerBlob>;
}

/**
 * Pushes the layers of an image and returns the manifest that describes them: one that the image has already, so
 * that it keeps its digest, or a new one when the layers of those are nowhere to be had.
 */
async function chooseManifest(
  { images }: Pushing,
  pusher: LayerPusher,
  image: { id: string; config: Buffer; layers: readonly string[] },
): Promise<FetchedManifest> {
  const unique = [...new Set(image.layers)].toReversed();
  for (const manifest of images.manifestsOf(image.id)) {
    const digests = blobsOfManifest(manifest);
    const byDiffId = new Map(image.layers.map((diffId, at) => [diffId, digests[at] ?? '']));
    const found = await settled(unique, (diffId) => pusher.pushKnown(diffId, byDiffId.get(diffId) ?? ''));
    if (digests.length === image.layers.length && found.every(Boolean)) return manifest;
  }
  const blobs = await settled(unique, pusher.pushAny);
  const byDiffId = new Map(blobs.map((blob) => [blob.diffId, blob]));
  return writeManifest(
    image.config,
    image.layers.flatMap((diffId) => byDiffId.get(diffId) ?? []),
  );
}

function blobsOfManifest(manifest: Manifest): string[] {
  const remote = readRemote(manifest);
  return remote.kind === 'image' ? remote.layers.map(({ digest }) => digest) : [];
}

/** Waits for all to end before the first error is thrown: what is under way uses what the caller will let go. */
export async function settled<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const all = items.map(work);
  await Promise.allSettled(all);
  return Promise.all(all);
}

type Tell = (diffId: string, status: string, progressDetail?: ProgressMessage['progressDetail']) => void;

/** Makes what brings layers that are held into a repository. */
export function createLayerPusher(
  { images, blobs, compressor }: Pick<Pushing, 'images' | 'blobs' | 'compressor'>,
  session: Session,
  { reference: { domain, path }, repository, signal }: Omit<Push, 'imageId'>,
  tell: Tell,
): LayerPusher {
  const slots: Slots = createSlots(atOnce);

  /** Brings a blob into the repository, from another one of the registry or from here; false when it is nowhere. */
  const bring = async ({ digest, diffId, size }: Pick<LayerBlob, 'digest' | 'diffId' | 'size'>) => {
    const sources = images
      .repositoriesOf(digest)
      .filter((source) => source !== repository && source.startsWith(`${domain}/`))
      .map((source) => source.slice(domain.length + 1));
    const progress = throttled((current: number) => tell(diffId, 'Pushing', { current, total: size }));
    const open = (await blobs.has(digest)) ? (start: number) => blobs.open(digest, start) : null;
    const pushed = await pushBlob(session, path, { digest, size, open, progress }, sources.slice(0, 4));
    if (pushed.how === 'missing') return false;
    tell(diffId, pushed.how === 'mounted' ? `Mounted from ${pushed.from}` : 'Pushed');
    return true;
  };

  const exists = async (diffId: string, digest: string): Promise<boolean> => {
    if (!(await hasBlob(session, path, digest))) return false;
    tell(diffId, 'Layer already exists');
    return true;
  };

  const within = <T>(diffId: string, work: () => Promise<T>): Promise<T> =>
    slots.use(signal, () => tell(diffId, 'Waiting'), work);

  return {
    pushKnown: (diffId, digest) =>
      within(diffId, async () => {
        if (await exists(diffId, digest)) return true;
        const blob = images.blobsOf(diffId).find((one) => one.digest === digest);
        return blob !== undefined && (await bring(blob));
      }),
    pushAny: (diffId) =>
      within(diffId, async () => {
        for (const blob of images.blobsOf(diffId)) if (await exists(diffId, blob.digest)) return blob;
        const compressing = throttled((current: number, total: number) =>
          tell(diffId, 'Compressing', { current, total }),
        );
        const blob = await compressor.compressed(diffId, signal, compressing);
        if (!(await exists(diffId, blob.digest))) await bring(blob);
        return blob;
      }),
  };
}

/** Lets through one call in a tenth of a second. */
function throttled<A extends unknown[]>(tell: (...args: A) => void): (...args: A) => void {
  let next = 0;
  return (...args) => {
    if (Date.now() < next) return;
    next = Date.now() + 100;
    tell(...args);
  };
}

/** Brings the configuration file of an image into a repository. */
export async function pushConfig(session: Session, repository: string, config: Buffer): Promise<void> {
  const digest = digestOf(config);
  if (await hasBlob(session, repository, digest)) return;
  const open = async () => Readable.from([config]);
  await pushBlob(session, repository, { digest, size: config.length, open }, []);
}
