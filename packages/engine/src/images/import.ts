import type { ImageConfig } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { ImageStore, LayerRecord } from '../state/images.ts';
import type { LayerStore } from '../storage/layers.ts';
import { applyChanges } from './changes.ts';
import { imageIdOf, writeImageFile } from './config.ts';
import { parsePlatform } from './platform.ts';
import { parseReference, type Reference, withDefaultTag } from './reference.ts';

export interface ImportOptions {
  /** Name of the new image; empty for none. */
  repository: string;
  /** Its tag, or empty when the name has it or there is none. */
  tag: string;
  /** What the image's history says of it. */
  message: string;
  /** Dockerfile instructions that make up its configuration. */
  changes: string[];
  /** What it is for; empty for this machine. */
  platform: string;
}

export interface Importing {
  images: ImageStore;
  layers: LayerStore;
  held(layer: LayerRecord): void;
}

/** Makes an image of a root file system in a tar archive, compressed or not, and names it; returns its ID. */
export async function importImage(
  { images, layers, held }: Importing,
  archive: AsyncIterable<Buffer>,
  name: string | null,
  { message, changes, platform, source }: ImportOptions & { source: string },
): Promise<string> {
  const { architecture, variant } = parsePlatform(platform);
  const config: ImageConfig = applyChanges({}, changes);
  const layer = await layers.unpack(archive);
  held(layer);
  const created = new Date().toISOString();
  const comment = message || `Imported from ${source}`;
  const file = writeImageFile({ config, created, comment, architecture, variant, diffId: layer.diffId });
  const id = imageIdOf(file);
  images.insert({ id, config: file, layers: [layer] }, name === null ? [] : [name], created);
  return id;
}

/** The name that an import asks for, null when it asks for none. Throws `badParameter`. */
export function importedName({ repository, tag }: ImportOptions): Reference | null {
  if (repository === '') return null;
  const reference = parseReference(tag === '' ? repository : `${repository}:${tag}`);
  if (reference.digest !== '') throw new EngineError('badParameter', 'cannot import digest reference');
  return withDefaultTag(reference);
}
