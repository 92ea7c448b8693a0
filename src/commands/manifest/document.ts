import { type Decoded, ShapeError, shape } from '@davit/api';
import { type FetchedManifest, mediaTypes } from '@davit/engine/registry';
import { type ImagePlatform, imagePlatform, type KeptManifest } from '../../config/manifests.ts';
import { CommandError } from '../../exit.ts';

const { integer, list, object, optional, string } = shape;

const descriptor = object({ mediaType: string, digest: string, size: integer });
const platform = object({
  ...{ architecture: string, os: string, variant: string },
  ...{ 'os.version': string, 'os.features': list(string) },
});
const document = object({
  schemaVersion: integer,
  config: optional(descriptor),
  layers: list(descriptor),
  manifests: list(object({ digest: string, platform: optional(platform) })),
});

/** The manifest of an image, as far as anybody looks into it. */
export interface ImageDocument {
  config: { digest: string; size: number };
  layers: { digest: string; size: number }[];
  /** As it is shown beside what it was read from. */
  shown: Pick<KeptManifest, 'SchemaV2Manifest' | 'OCIManifest'>;
}

export interface IndexDocument {
  manifests: { digest: string; platform: ImagePlatform }[];
}

export type Document = ImageDocument | IndexDocument;

export const isIndex = (one: Document): one is IndexDocument => 'manifests' in one;

/** Reads what a registry has sent, or the store has kept. Throws CommandError when it is no manifest. */
export function readDocument({ mediaType, digest, content }: FetchedManifest): Document {
  let values: Record<string, unknown>;
  let read: Decoded<typeof document>;
  try {
    values = JSON.parse(content.toString());
    read = document(values, '');
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error;
    throw new CommandError(`invalid manifest ${digest}: ${error.message}`, 1, { cause: error });
  }
  if (read.manifests !== null)
    return {
      manifests: read.manifests.map((one) => ({ ...one, platform: withoutNothing(one.platform) })),
    };
  if (read.schemaVersion !== 2 || read.config === null)
    throw new CommandError(`unsupported manifest format: ${mediaType}`);
  const isOci = mediaType === mediaTypes.ociManifest;
  return {
    config: read.config,
    layers: read.layers ?? [],
    shown: { [isOci ? 'OCIManifest' : 'SchemaV2Manifest']: inOrder(values, isOci) },
  };
}

function withoutNothing(found: Decoded<typeof platform> | null): ImagePlatform {
  const { architecture = '', os = '', variant = '' } = found ?? {};
  const version = found?.['os.version'] ?? '';
  const features = found?.['os.features'] ?? [];
  return imagePlatform({ architecture, os, version, features, variant });
}

/** The fields of descriptors in the order in which docker writes them, which differs between the two forms. */
function inOrder(values: Record<string, unknown>, isOci: boolean): object {
  const order = isOci ? ['mediaType', 'digest', 'size'] : ['mediaType', 'size', 'digest'];
  const sorted = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(sorted);
    const fields = one as Record<string, unknown>;
    return { ...Object.fromEntries(order.map((key) => [key, fields[key]])), ...fields };
  };
  const { schemaVersion, mediaType, config, layers, ...rest } = values;
  return { schemaVersion, mediaType, config: sorted(config), layers: sorted(layers ?? []), ...rest };
}

/** The list of these images, byte for byte as docker writes it, and what kind it is. */
export function writeList(images: readonly KeptManifest[]): { mediaType: string; content: Buffer } {
  const isOci = images[0]?.Descriptor.mediaType === mediaTypes.ociManifest;
  const mediaType = isOci ? mediaTypes.ociIndex : mediaTypes.list;
  const manifests = images.map(({ Descriptor: { mediaType, size, digest, platform } }) => ({
    ...{ mediaType, size, digest, platform },
  }));
  const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }, null, 3));
  return { mediaType, content };
}
