import { type Decoded, ShapeError, shape } from '@davit/api';
import { EngineError, messageOf } from '../errors.ts';
import { type FetchedManifest, mediaTypes } from '../registry/manifests.ts';
import { formatPlatform, matchesPlatform, type Platform } from './platform.ts';
import { checkDigest } from './reference.ts';

const { integer, list, map, object, optional, string } = shape;

const descriptor = object({
  mediaType: string,
  digest: string,
  size: integer,
  annotations: map(string),
  platform: optional(object({ os: string, architecture: string, variant: string, 'os.version': string })),
});
export type Descriptor = Decoded<typeof descriptor>;

const document = object({
  schemaVersion: integer,
  mediaType: string,
  manifests: list(descriptor),
  config: optional(descriptor),
  layers: list(descriptor),
});

/** What a registry has under a name: one image, or a choice of images for several platforms. */
export type Remote =
  | { kind: 'image'; config: Descriptor; layers: Descriptor[] }
  | { kind: 'index'; manifests: Descriptor[] };

const imageConfigs: string[] = [mediaTypes.config, mediaTypes.ociConfig, '', 'application/octet-stream'];

/** Reads a manifest or an index. Throws for all else, and for what could be taken for both. */
export function readRemote({ content, mediaType, digest }: FetchedManifest): Remote {
  let read: Decoded<typeof document>;
  try {
    read = document(JSON.parse(content.toString()), '');
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error;
    throw invalid(digest, messageOf(error));
  }
  if (read.schemaVersion === 1 || mediaType.includes('docker.distribution.manifest.v1+'))
    throw new EngineError(
      'internal',
      'the image is in the old format "manifest version 2, schema 1", which is no longer supported: push it anew with a current tool',
    );
  const { config, layers, manifests } = read;
  if (manifests !== null) {
    if (config !== null || layers !== null) throw invalid(digest, 'it is an index and a manifest at once');
    manifests.forEach(check);
    return { kind: 'index', manifests };
  }
  if (config === null) throw invalid(digest, `unsupported media type ${mediaType}`);
  if (!imageConfigs.includes(config.mediaType))
    throw invalid(digest, `${JSON.stringify(config.mediaType)} is not the configuration of an image`);
  [config, ...(layers ?? [])].forEach(check);
  return { kind: 'image', config, layers: layers ?? [] };
}

function check({ digest, size }: Descriptor): void {
  if (!checkDigest(digest).startsWith('sha256:')) throw invalid(digest, 'only sha256 digests are supported');
  if (size < 0) throw invalid(digest, 'its size is negative');
}

function invalid(digest: string, problem: string): EngineError {
  return new EngineError('internal', `invalid manifest ${digest}: ${problem}`);
}

/** Chooses what fits a platform best. Throws `notFound` in docker's words. */
export function chooseManifest(manifests: Descriptor[], wanted: Platform): Descriptor {
  const fitting = manifests.filter(({ platform }) => platform && matchesPlatform(platform, wanted));
  const exact = fitting.find(({ platform }) => platform?.variant === wanted.variant);
  const chosen = exact ?? fitting[0];
  if (chosen) return chosen;
  throw new EngineError(
    'notFound',
    `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`,
  );
}
