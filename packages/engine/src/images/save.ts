import { EngineError } from '../errors.ts';
import { digestOf, mediaTypes } from '../registry/manifests.ts';
import type { ImageStore } from '../state/images.ts';
import type { LayerStore } from '../storage/layers.ts';
import { blockSize, encodeHeader, paddingOf } from '../storage/tar.ts';
import { readImageFile } from './config.ts';
import { findImage, isIdPrefix } from './lookup.ts';
import { formatPlatform, matchesPlatform, parsePlatform } from './platform.ts';
import {
  familiarName,
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
} from './reference.ts';

/** An image that is to be saved, with the names that go with it. */
export interface SavedImage {
  id: string;
  references: Reference[];
}

/**
 * Finds the images that a user wants to save. A name with a tag goes with the image, one without stands for all
 * tags of its repository, and an ID for no name at all. Throws `notFound`.
 */
export function imagesToSave(images: ImageStore, names: readonly string[], platform: string): SavedImage[] {
  const found = new Map<string, Map<string, Reference>>();
  const add = (id: string, reference?: Reference) => {
    const references = found.get(id) ?? new Map<string, Reference>();
    if (reference) references.set(formatReference(reference), reference);
    found.set(id, references);
  };
  for (const name of names) {
    const given = /^(?:sha256:)?[0-9a-f]{64}$/.test(name) ? null : parseReference(name);
    const tags =
      given && given.tag === '' && given.digest === ''
        ? images
            .names()
            .map((one) => ({ ...one, reference: parseReference(one.name) }))
            .filter(
              ({ reference }) => reference.tag !== '' && familiarName(reference) === familiarName(given),
            )
        : [];
    for (const { imageId, reference } of tags) add(imageId, reference);
    if (tags.length > 0) continue;
    const id = findImage(images, name);
    const isNamed = given?.tag && given.digest === '' && images.imageNamed(formatReference(given)) === id;
    if (isNamed) add(id, given);
    else if (isIdPrefix(id, name) || given?.digest) add(id);
    else add(id, given ?? undefined);
  }
  if (platform !== '') for (const id of found.keys()) checkPlatform(images, id, platform);
  return Array.from(found, ([id, references]) => ({ id, references: [...references.values()] }));
}

function checkPlatform(images: ImageStore, id: string, platform: string): void {
  const image = images.get(id);
  const wanted = parsePlatform(platform);
  const file = image && readImageFile(image.config);
  if (file && !matchesPlatform({ ...file, os: file.os || 'linux' }, wanted))
    throw new EngineError(
      'notFound',
      `image with reference ${id} was found but does not provide the specified platform (${formatPlatform(wanted)})`,
    );
}

interface Saving {
  images: Pick<ImageStore, 'get'>;
  layers: LayerStore;
  /** Told of every layer that is held for this archive. */
  held(layer: { diffId: string }): void;
}

const pathOf = (digest: string): string => `blobs/sha256/${digest.slice(7)}`;
const ociLayerTar = 'application/vnd.oci.image.layer.v1.tar';
const indexType = 'application/vnd.oci.image.index.v1+json';

/** Writes images as docker does: an OCI image layout that has docker's own `manifest.json` beside its index. */
export async function* saveImages(
  { images, layers, held }: Saving,
  wanted: readonly SavedImage[],
): AsyncGenerator<Buffer> {
  const sizes = new Map<string, number>();
  const documents = new Map<string, Buffer>();
  const entries: object[] = [];
  const manifests: object[] = [];
  const repositories: Record<string, Record<string, string>> = {};

  yield encodeHeader('blobs/', '5', 0);
  yield encodeHeader('blobs/sha256/', '5', 0);
  for (const { id, references } of wanted) {
    const image = images.get(id);
    if (!image) throw new EngineError('notFound', `No such image: ${id}`);
    for (const diffId of image.layers) {
      if (sizes.has(diffId)) continue;
      if (!layers.hold(diffId)) throw new EngineError('internal', `the layer ${diffId} is missing`);
      held({ diffId });
      const size = await layers.tarSize(diffId);
      sizes.set(diffId, size);
      yield encodeHeader(pathOf(diffId), '0', size);
      yield* layers.tar(diffId);
      yield Buffer.alloc(paddingOf(size));
    }
    const sourceOf = (digest: string) => ({ mediaType: ociLayerTar, size: sizes.get(digest) ?? 0, digest });
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: { mediaType: mediaTypes.ociConfig, digest: id, size: image.config.length },
        layers: image.layers.map(sourceOf),
      }),
    );
    const digest = digestOf(manifest);
    documents.set(pathOf(id), image.config);
    documents.set(pathOf(digest), manifest);
    const { architecture, os, variant } = readImageFile(image.config);
    const descriptor = {
      ...{ mediaType: mediaTypes.ociManifest, digest, size: manifest.length },
      platform: { architecture, os: os || 'linux', ...(variant === '' ? {} : { variant }) },
    };
    if (references.length === 0) manifests.push(descriptor);
    for (const reference of references) {
      const annotations = {
        'io.containerd.image.name': formatReference(reference),
        'org.opencontainers.image.ref.name': reference.tag,
      };
      manifests.push({ ...descriptor, annotations });
      const name = familiarName(reference);
      repositories[name] = { ...repositories[name], [reference.tag]: image.layers.at(-1)?.slice(7) ?? '' };
    }
    entries.push({
      Config: pathOf(id),
      RepoTags: references.length === 0 ? null : references.map(familiarReference),
      Layers: image.layers.map(pathOf),
      LayerSources: Object.fromEntries(image.layers.map((diffId) => [diffId, sourceOf(diffId)])),
    });
  }
  const add = (name: string, content: unknown) => documents.set(name, Buffer.from(JSON.stringify(content)));
  add('index.json', { schemaVersion: 2, mediaType: indexType, manifests });
  add('manifest.json', entries);
  add('oci-layout', { imageLayoutVersion: '1.0.0' });
  if (Object.keys(repositories).length > 0) add('repositories', repositories);
  for (const [name, content] of documents)
    yield Buffer.concat([
      encodeHeader(name, '0', content.length),
      content,
      Buffer.alloc(paddingOf(content.length)),
    ]);
  yield Buffer.alloc(2 * blockSize);
}
