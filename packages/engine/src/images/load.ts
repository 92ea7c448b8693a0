import type { ProgressMessage } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { ImageStore, LayerRecord } from '../state/images.ts';
import type { LayerStore } from '../storage/layers.ts';
import { readArchive } from './archive.ts';
import { imageIdOf, readImageFile } from './config.ts';
import { type ArchivedImage, findImages } from './manifests.ts';
import { formatPlatform, matchesPlatform, parsePlatform } from './platform.ts';
import { familiarReference, formatReference } from './reference.ts';

export type Report = (message: ProgressMessage) => Promise<void>;

export interface LoadOptions {
  quiet: boolean;
  /** Which of several images to take; empty for that of this machine. */
  platform: string;
}

export interface Loading {
  images: ImageStore;
  layers: LayerStore;
  /** Told of every layer that is held for this load. */
  held(layer: LayerRecord): void;
  /** Told of every image that is there now. */
  loaded(id: string): void;
}

const progressStep = 512 * 1024;

/** Takes in the images of an archive, in the formats of `docker save` and of OCI. */
export async function loadImages(
  { images, layers, held, loaded }: Loading,
  archive: AsyncIterable<Buffer>,
  { quiet, platform }: LoadOptions,
  report: Report,
): Promise<void> {
  const wanted = parsePlatform(platform);
  let told = 0;
  const content = await readArchive(archive, {
    layers,
    known: images.layer,
    held,
    async progress(path, current, total) {
      if (quiet || (current < total && current > told && current - told < progressStep)) return;
      told = current;
      const [id = path] = /[0-9a-f]{12}/.exec(path) ?? [];
      await report({ status: 'Loading layer', progressDetail: { current, total }, id });
    },
  });
  for (const image of findImages(content.documents, wanted)) {
    const id = imageIdOf(image.config);
    const file = readImageFile(image.config);
    if (platform !== '' && !matchesPlatform({ ...file, os: file.os || 'linux' }, wanted))
      throw new EngineError(
        'notFound',
        `the archive has no image for the platform ${formatPlatform(wanted)}`,
      );
    const names = image.references.map(formatReference);
    const record = {
      id,
      config: image.config,
      layers: layersOf(image, file.rootfs.diff_ids ?? [], content.layers),
    };
    const replaced = images.insert(record, names, new Date().toISOString());
    loaded(id);
    for (const { name, imageId } of replaced) {
      const reference = image.references.find((one) => formatReference(one) === name);
      const familiar = reference ? familiarReference(reference) : name;
      await report({
        stream: `The image ${familiar} already exists, renaming the old one with ID ${imageId} to empty string\n`,
      });
    }
    for (const reference of image.references)
      await report({ stream: `Loaded image: ${familiarReference(reference)}\n` });
    if (names.length === 0) await report({ stream: `Loaded image ID: ${id}\n` });
  }
}

/** The layers of an image, checked against what its configuration says they are. */
function layersOf(
  { layers }: ArchivedImage,
  diffIds: string[],
  unpacked: Map<string, LayerRecord>,
): LayerRecord[] {
  if (diffIds.length !== layers.length)
    throw invalid(`layers length mismatch: expected ${diffIds.length}, got ${layers.length}`);
  return layers.map((name, at) => {
    const layer = unpacked.get(name);
    if (!layer) throw invalid(`layer ${JSON.stringify(name)} is missing`);
    if (layer.diffId !== diffIds[at])
      throw invalid(`invalid diffID for layer ${at}: expected "${diffIds[at]}", got "${layer.diffId}"`);
    return layer;
  });
}

function invalid(problem: string): EngineError {
  return new EngineError('badParameter', `invalid manifest, ${problem}`);
}
