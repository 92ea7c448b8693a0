import { EngineError, messageOf } from '../../errors.ts';
import type { WantedLayer } from '../../images/fetch.ts';
import { parseReference } from '../../images/reference.ts';
import { readRemote } from '../../images/remote.ts';
import { digestOf } from '../../registry/manifests.ts';
import type { LayerRecord } from '../../state/images.ts';
import type { Build } from '../build.ts';
import type { ImportedStep } from '../cache.ts';
import type { BuildContext } from '../contextspool.ts';
import { type CachedStep, readCache } from './file.ts';
import { createPastImage, type PastImage } from './past.ts';
import type { CacheSource, ImportedCache } from './places.ts';

/** What one source has: its steps, and how to get a layer of it. */
interface Source {
  steps: CachedStep[];
  layer(diffId: string): Promise<LayerRecord>;
  past: PastImage | null;
}

type Importing = Omit<Build, 'imports'>;

const largestDocument = 8 * 1024 * 1024;

/**
 * Opens the caches that a build is to use. Their layers are fetched when a step needs them. What cannot be read is
 * told as a warning, and not used.
 */
export async function openImports(build: Importing): Promise<ImportedCache> {
  const sources: Source[] = [];
  const warn = (name: string, error: unknown) => {
    build.signal.throwIfAborted();
    return build.progress.warn(`[Warning] cannot use the cache ${name}: ${messageOf(error)}`);
  };
  const { cacheFrom, inputs } = build.options;
  for (const source of [...cacheFrom.map((image) => ({ image })), ...inputs.cacheFrom]) {
    try {
      sources.push(await openSource(build, source));
    } catch (error) {
      await warn(nameOf(source), error);
    }
  }
  const take = async (source: Source, step: CachedStep): Promise<ImportedStep> => {
    const { created, diffId, size, seconds } = step;
    const layer = diffId === null ? null : await source.layer(diffId);
    return { created, diffId, size: layer?.size ?? size, seconds };
  };
  return {
    async find(key, before, by) {
      for (const source of sources) {
        const step =
          source.steps.find((one) => one.key === key) ?? (by === null ? null : source.past?.next(before, by));
        if (!step) continue;
        try {
          return await take(source, step);
        } catch (error) {
          await warn(`of ${step.description}`, error);
        }
      }
      return null;
    },
  };
}

const nameOf = (source: CacheSource): string =>
  'image' in source ? source.image : 'registry' in source ? source.registry : 'that was sent';

async function openSource(build: Importing, source: CacheSource): Promise<Source> {
  if ('layout' in source) return openLayout(build, source.layout);
  if ('registry' in source) return openRegistry(build, source.registry);
  try {
    return openImage(build, source.image);
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'notFound') throw error;
    return openRegistry(build, source.image);
  }
}

/** An image that is here: what its file tells of its steps, or else its history. */
function openImage({ images, held }: Importing, name: string): Source {
  const { config, parts } = images.open(name, held);
  const byDiffId = new Map(parts.map((part) => [part.diffId, part]));
  return {
    steps: readCache(config) ?? [],
    past: createPastImage(config, parts),
    async layer(diffId) {
      const layer = byDiffId.get(diffId);
      if (!layer) throw new EngineError('notFound', `the layer ${diffId} is not here`);
      return layer;
    },
  };
}

async function openRegistry({ images, options, signal, held }: Importing, name: string): Promise<Source> {
  const place = { name, credentials: options.credentialsFor(parseReference(name).domain), signal };
  const { config, layers } = await images.detached.read(place);
  const byDiffId = new Map<string, WantedLayer>(layers.map((layer) => [layer.diffId, layer]));
  return {
    steps: readCache(config) ?? [],
    past: createPastImage(
      config,
      layers.map(({ diffId }) => ({ diffId, size: 0 })),
    ),
    layer(diffId) {
      const wanted = byDiffId.get(diffId);
      if (!wanted) throw new EngineError('notFound', `the layer ${diffId} is not there`);
      return images.detached.fetch(place, wanted, held);
    },
  };
}

async function openLayout({ images, layers, held }: Importing, context: BuildContext): Promise<Source> {
  const read = async (path: string): Promise<Buffer> => {
    const content = await context.read(path, largestDocument);
    if (!content) throw new EngineError('notFound', `there is no ${path} in it: it is no OCI image layout`);
    return content;
  };
  const pathOf = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  const document = async (path: string) => {
    const content = await read(path);
    return readRemote({ digest: digestOf(content), mediaType: '', content });
  };
  const index = await document('index.json');
  const [first] = index.kind === 'index' ? index.manifests : [];
  const manifest = first && (await document(pathOf(first.digest)));
  if (manifest?.kind !== 'image') throw new EngineError('badParameter', 'its index names no image');
  const steps = readCache(await read(pathOf(manifest.config.digest)));
  if (!steps) throw new EngineError('badParameter', 'it holds an image, and no cache');
  return {
    steps,
    past: null,
    async layer(diffId) {
      // How large it is tells the engine itself, not the cache.
      const known = images.layer(diffId, held);
      if (known) return known;
      const node = context.index?.find(pathOf(diffId));
      if (node?.kind !== 'file') throw new EngineError('notFound', `the layer ${diffId} is not there`);
      const layer = await layers.unpack(context.content(node), diffId);
      held(layer);
      return layer;
    },
  };
}
