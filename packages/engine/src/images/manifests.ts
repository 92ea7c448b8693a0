import { createHash } from 'node:crypto';
import { type Decoded, type Shape, ShapeError, shape } from '@davit/api';
import { EngineError } from '../errors.ts';
import { cleanPath } from '../storage/tar.ts';
import { formatPlatform, matchesPlatform, type Platform } from './platform.ts';
import { familiarReference, formatReference, parseReference, type Reference } from './reference.ts';

/** An image as an archive describes it. */
export interface ArchivedImage {
  /** Its configuration file. */
  config: Buffer;
  /** Names of its layers in the archive, base first. */
  layers: string[];
  references: Reference[];
}

const { list, map, object, optional, string } = shape;

const dockerManifest = list(object({ Config: string, RepoTags: list(string), Layers: list(string) }));

const descriptor = object({
  mediaType: string,
  digest: string,
  annotations: map(string),
  platform: optional(object({ os: string, architecture: string, variant: string })),
});
type Descriptor = Decoded<typeof descriptor>;

const ociIndex = object({ manifests: list(descriptor) });
const ociManifest = object({ config: descriptor, layers: list(descriptor) });

function broken(problem: string): EngineError {
  return new EngineError('badParameter', `invalid image archive: ${problem}`);
}

function parse<T>(wanted: Shape<T>, document: Buffer, name: string): T {
  try {
    return wanted(JSON.parse(document.toString()), '');
  } catch (error) {
    if (error instanceof ShapeError || error instanceof SyntaxError)
      throw broken(`${name}: ${error.message}`);
    throw error;
  }
}

function tagged(name: string): Reference {
  const reference = parseReference(name);
  if (reference.tag === '' || reference.digest !== '') throw broken(`invalid tag ${JSON.stringify(name)}`);
  return reference;
}

/**
 * Finds the images of an archive in its JSON documents: by `manifest.json` (docker save, of every age) or
 * `index.json` (OCI image layout). Archives that have both say more about names in the former.
 */
export function findImages(documents: Map<string, Buffer>, wanted: Platform): ArchivedImage[] {
  const manifest = documents.get('manifest.json');
  if (manifest) return dockerImages(documents, manifest);
  const index = documents.get('index.json');
  if (index) return ociImages(documents, index, wanted);
  throw broken(
    'it has neither manifest.json nor index.json (a root file system is taken in by `davit import`)',
  );
}

function dockerImages(documents: Map<string, Buffer>, manifest: Buffer): ArchivedImage[] {
  return (parse(dockerManifest, manifest, 'manifest.json') ?? []).map(({ Config, RepoTags, Layers }) => {
    const config = documents.get(cleanPath(Config));
    if (!config) throw broken(`${JSON.stringify(Config)} is missing`);
    return { config, layers: (Layers ?? []).map(cleanPath), references: (RepoTags ?? []).map(tagged) };
  });
}

const indexType = /\.image\.index\.|\.manifest\.list\./;

function ociImages(documents: Map<string, Buffer>, index: Buffer, wanted: Platform): ArchivedImage[] {
  const blob = <T>(kind: Shape<T>, { digest }: Descriptor): T =>
    parse(kind, blobOf(documents, digest), digest);
  const described = (from: Buffer, name: string) =>
    (parse(ociIndex, from, name).manifests ?? []).filter((entry) => !isAttestation(entry));

  const images = new Map<string, Descriptor[]>();
  for (const entry of described(index, 'index.json')) {
    const choices = indexType.test(entry.mediaType)
      ? described(blobOf(documents, entry.digest), entry.digest)
      : [entry];
    // Entries of one name are one image for several platforms.
    const name = nameOf(entry);
    const key = name ? formatReference(name) : entry.digest;
    images.set(key, [
      ...(images.get(key) ?? []),
      ...choices.map((one) => ({ ...one, annotations: entry.annotations })),
    ]);
  }
  return [...images.values()].map((choices) => {
    const chosen = choose(documents, choices, wanted);
    const { config, layers } = blob(ociManifest, chosen);
    const name = nameOf(chosen);
    return {
      config: blobOf(documents, config.digest),
      layers: (layers ?? []).map(({ digest }) => pathOf(digest)),
      references: name ? [name] : [],
    };
  });
}

/** Chooses among what an image offers here: what fits, or the only one there is. */
function choose(documents: Map<string, Buffer>, choices: Descriptor[], wanted: Platform): Descriptor {
  const here = choices.filter(({ digest }) => documents.has(pathOf(digest)));
  const fitting = here.find(({ platform }) => platform !== null && matchesPlatform(platform, wanted));
  const [single, ...others] = here;
  if (fitting) return fitting;
  if (single && others.length === 0) return single;
  throw new EngineError(
    'notFound',
    `the archive has no image for the platform ${formatPlatform(wanted)}${single ? '' : ': its manifest is missing'}`,
  );
}

function isAttestation({ annotations, platform }: Descriptor): boolean {
  return annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' || platform?.os === 'unknown';
}

/** The name of an image in an OCI layout. The standard annotation may hold a tag alone, which names nothing. */
function nameOf({ annotations }: Descriptor): Reference | null {
  const full = annotations?.['io.containerd.image.name'];
  if (full) return tagged(full);
  const name = annotations?.['org.opencontainers.image.ref.name'] ?? '';
  return /[:/]/.test(name) ? tagged(familiarReference(withTag(parseReference(name)))) : null;
}

const withTag = (reference: Reference): Reference => ({
  ...reference,
  tag: reference.tag || 'latest',
  digest: '',
});

/** Where an OCI layout keeps the content with this digest. */
function pathOf(digest: string): string {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (hex === undefined) throw broken(`invalid digest ${JSON.stringify(digest)}`);
  return `blobs/sha256/${hex}`;
}

function blobOf(documents: Map<string, Buffer>, digest: string): Buffer {
  const document = documents.get(pathOf(digest));
  if (!document) throw broken(`${digest} is missing`);
  const found = `sha256:${createHash('sha256').update(document).digest('hex')}`;
  if (found !== digest) throw broken(`${digest} has the digest ${found}`);
  return document;
}
