import type { ProgressMessage } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { RegistryClient } from '../registry/client.ts';
import type { Credentials } from '../registry/credentials.ts';
import { downloadBlob } from '../registry/download.ts';
import { RegistryError } from '../registry/failure.ts';
import { digestOf, type FetchedManifest, fetchManifest, listTags } from '../registry/manifests.ts';
import type { Session } from '../registry/session.ts';
import type { ImageStore, LayerRecord } from '../state/images.ts';
import { imageIdOf, readImageFile } from './config.ts';
import type { LayerFetcher } from './fetch.ts';
import type { Report } from './load.ts';
import { formatPlatform, matchesPlatform, type Platform, parsePlatform } from './platform.ts';
import {
  checkDigest,
  familiarName,
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
} from './reference.ts';
import { chooseManifest, type Descriptor, readRemote } from './remote.ts';

export interface PullOptions {
  name: string;
  /** A tag or digest that goes before those of the name; when neither says any, all tags are pulled. */
  tag: string;
  /** Which of several images to take; empty for that of this machine. */
  platform: string;
  credentials: Credentials;
  signal: AbortSignal;
}

export interface Pulling {
  images: ImageStore;
  registries: RegistryClient;
  fetcher: LayerFetcher;
  held(layer: LayerRecord): void;
  /** Told of every name that was pulled. */
  pulled(reference: Reference, id: string): void;
}

const largestConfig = 8 * 1024 * 1024;
const mostLayers = 500;

/** What a pull asks for. Throws `badParameter`. */
export function pullReference({ name, tag }: Pick<PullOptions, 'name' | 'tag'>): Reference {
  const reference = parseReference(name);
  if (tag === '' || reference.digest !== '') return reference;
  if (tag.includes(':')) return { ...reference, tag: '', digest: checkDigest(tag) };
  return parseReference(formatReference({ ...reference, tag }));
}

/** Fetches images from their registry and gives them the names they were asked for by. */
export async function pullImages(pulling: Pulling, options: PullOptions, report: Report): Promise<void> {
  const asked = pullReference(options);
  const wanted = parsePlatform(options.platform);
  const { domain, path } = asked;
  const place = {
    ...{ domain, credentials: options.credentials, signal: options.signal },
    ...{ scopes: [`repository:${path}:pull`], pulling: true },
  };
  const isNew = await pulling.registries.open(place, async (session, settled) => {
    try {
      const references =
        asked.tag === '' && asked.digest === ''
          ? (await listTags(session, path)).map((tag) => ({ ...asked, tag }))
          : [asked];
      let isAnyNew = false;
      for (const reference of references) {
        const manifest = await fetchManifest(session, path, reference.digest || reference.tag);
        settled();
        const one = {
          reference,
          manifest,
          wanted,
          isChosen: options.platform !== '',
          signal: options.signal,
        };
        if (await pullOne(pulling, session, one, report)) isAnyNew = true;
      }
      return isAnyNew;
    } catch (error) {
      throw explain(error, asked);
    }
  });
  const what = familiarReference(asked);
  await report({
    status: `Status: ${isNew ? 'Downloaded newer image' : 'Image is up to date'} for ${what}`,
  });
}

interface Found {
  reference: Reference;
  manifest: FetchedManifest;
  wanted: Platform;
  /** Whether the user said for which platform. */
  isChosen: boolean;
  signal: AbortSignal;
}

/** Pulls one image; returns whether its name means another image now than before. */
async function pullOne(
  { images, fetcher, held, pulled }: Pulling,
  session: Session,
  found: Found,
  report: Report,
): Promise<boolean> {
  const { reference, signal } = found;
  const { path } = reference;
  const { manifest, config, layers } = await imageManifest(session, found);
  await report({ status: `Pulling from ${path}`, id: reference.digest || reference.tag });

  const file = await readConfig(session, path, config, signal);
  const image = readImageFile(file);
  if (found.isChosen && !matchesPlatform({ ...image, os: image.os || 'linux' }, found.wanted))
    throw new EngineError(
      'notFound',
      `image with reference ${familiarReference(reference)} was found but does not provide the specified platform (${formatPlatform(found.wanted)})`,
    );
  const diffIds = image.rootfs.diff_ids ?? [];
  if (diffIds.length !== layers.length)
    throw new EngineError(
      'internal',
      `invalid manifest ${manifest.digest}: it has ${layers.length} layers, its configuration has ${diffIds.length}`,
    );
  const wanted = layers.map((descriptor, at) => ({ descriptor, diffId: diffIds[at] ?? '' }));
  const unique = [...new Map(wanted.map((one) => [one.diffId, one])).values()];
  const watch = (message: ProgressMessage) => void report(message);
  const records = await allOrNone(signal, unique, (one, stop) =>
    fetcher.fetch({ session, repository: path }, one, { watch, held, signal: stop }),
  );

  const byDiffId = new Map(records.map((record) => [record.diffId, record]));
  const id = imageIdOf(file);
  const name = formatReference(reference);
  const digestName = formatReference({ ...reference, tag: '', digest: found.manifest.digest });
  const isNew = images.imageNamed(name) !== id;
  images.insert(
    {
      ...{ id, config: file, manifests: [manifest] },
      layers: diffIds.flatMap((diffId) => byDiffId.get(diffId) ?? []),
      // Also those whose layers were here already: a registry that has them can be asked to use them.
      blobs: wanted.map(({ diffId, descriptor }) => ({ ...blobOf(descriptor), diffId })),
    },
    [...new Set([name, digestName])],
    new Date().toISOString(),
  );
  const repository = formatReference({ ...reference, tag: '', digest: '' });
  for (const { digest } of layers) images.addSource(digest, repository);
  pulled(reference, id);
  await report({ status: `Digest: ${found.manifest.digest}` });
  return isNew;
}

const blobOf = ({ digest, size, mediaType }: Descriptor) => ({ digest, size, mediaType });

/** The manifest of the image itself, when what was found is a choice of several. */
export async function imageManifest(
  session: Session,
  { reference, manifest, wanted }: Pick<Found, 'reference' | 'manifest' | 'wanted'>,
) {
  const remote = readRemote(manifest);
  if (remote.kind === 'image') return { manifest, ...limited(remote) };
  const chosen = chooseManifest(remote.manifests, wanted);
  const inner = await fetchManifest(session, reference.path, chosen.digest);
  const image = readRemote(inner);
  if (image.kind === 'index')
    throw new EngineError('internal', `invalid manifest ${manifest.digest}: an index holds another index`);
  return { manifest: inner, ...limited(image) };
}

function limited<T extends { layers: unknown[] }>(image: T): T {
  if (image.layers.length > mostLayers)
    throw new EngineError(
      'internal',
      `the image has ${image.layers.length} layers, ${mostLayers} at most are taken`,
    );
  return image;
}

/** Fetches the configuration file of an image, and checks that it is that. */
export async function readConfig(
  session: Session,
  repository: string,
  { digest, size }: Descriptor,
  signal: AbortSignal,
): Promise<Buffer> {
  if (size > largestConfig)
    throw new EngineError('internal', `the configuration ${digest} is too large: it has ${size} bytes`);
  const chunks: Buffer[] = [];
  for await (const chunk of downloadBlob(session, repository, { digest, size, signal })) chunks.push(chunk);
  const file = Buffer.concat(chunks);
  if (digestOf(file) !== digest)
    throw new EngineError('internal', `image config verification failed for digest ${digest}`);
  return file;
}

/** Does all at once; when one fails the others are ended before its error is thrown. */
async function allOrNone<T, R>(
  signal: AbortSignal,
  items: T[],
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const all = items.map((item) => work(item, both));
  try {
    return await Promise.all(all);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(all);
    throw error;
  }
}

/** What a registry has refused, in docker's words. */
function explain(error: unknown, reference: Reference): unknown {
  if (!(error instanceof RegistryError)) return error;
  const { code, message } = error;
  const name = familiarName(reference);
  const said: Record<string, string> = {
    DENIED: `pull access denied for ${name}, repository does not exist or may require 'docker login': ${message}`,
    MANIFEST_UNKNOWN: `manifest for ${familiarReference(reference)} not found: ${message}`,
    NAME_UNKNOWN: `repository ${name} not found: ${message}`,
  };
  const words = said[code];
  return words === undefined ? error : new EngineError('notFound', words, { cause: error });
}
