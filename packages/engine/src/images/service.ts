import type {
  AuthAnswer,
  DistributionInspect,
  Filters,
  ImageConfig,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneAnswer,
  ImageSummary,
  SearchResult,
} from '@davit/api';
import { EngineError } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import type { RegistryClient } from '../registry/client.ts';
import type { Credentials } from '../registry/credentials.ts';
import type { Database } from '../state/database.ts';
import { createImageStore, type ImageRecord, type LayerRecord, type NewImage } from '../state/images.ts';
import type { BlobStore } from '../storage/blobs.ts';
import type { LayerStore } from '../storage/layers.ts';
import { checkDoubtful } from './check.ts';
import { type CommitOptions, commitImage } from './commit.ts';
import { createLayerCompressor } from './compress.ts';
import { chainIds, imageConfigOf, readImageFile } from './config.ts';
import { createDetachedImages, type DetachedImages } from './detached.ts';
import { checkCredentials, inspectRemote } from './distribution.ts';
import { createLayerFetcher } from './fetch.ts';
import { historyOf } from './history.ts';
import { type ImportOptions, importedName, importImage } from './import.ts';
import { importFrom } from './import-url.ts';
import { inspectImage } from './inspect.ts';
import { createKeeper } from './keeper.ts';
import { type ListQuery, listImages } from './list.ts';
import { type LoadOptions, loadImages, type Report } from './load.ts';
import { findImage, storedName } from './lookup.ts';
import { imagesToPrune, removeEach } from './prune.ts';
import { type PullOptions, pullImages } from './pull.ts';
import { type PushOptions, pushImages } from './push.ts';
import { familiarName, familiarReference, formatReference, newName, type Reference } from './reference.ts';
import { type ImageUser, removeImage } from './remove.ts';
import { imagesToSave, saveImages } from './save.ts';
import { type SearchQuery, searchRegistry } from './search.ts';

/** What a container needs to know of its image. */
export interface ResolvedImage {
  /** `sha256:…` */
  id: string;
  config: ImageConfig;
  /** DiffIDs of its layers, base first, as a root is mounted of them. */
  layers: string[];
  architecture: string;
  os: string;
}

export interface ImageService {
  /** Looks at what the machine may have lost when it went down, before anything else is done with it. */
  recover(): Promise<void>;
  load(archive: AsyncIterable<Buffer>, options: LoadOptions, report: Report): Promise<void>;
  /** Makes an image of an archive, or of what the URL leads to that stands in its place. */
  import(
    archive: AsyncIterable<Buffer> | { url: string; signal: AbortSignal },
    options: ImportOptions,
    report: Report,
  ): Promise<void>;
  /** Makes an image of a container: the layer it has written, if any, above those of its image. */
  commit(
    layer: AsyncIterable<Buffer> | null,
    options: CommitOptions,
  ): Promise<{ id: string; reference: string }>;
  list(query: ListQuery): ImageSummary[];
  inspect(name: string): ImageInspect;
  remove(name: string, options: { force: boolean; noprune: boolean }): Promise<ImageDeleteItem[]>;
  /** Throws `notFound` with docker's words. */
  resolve(name: string): ResolvedImage;
  count(): number;
  /** Bytes of all layers of images, each counted once. */
  layersSize(): number;
  /** An image as it is written down, whose layers are held by `held`. Throws `notFound` as `resolve` does. */
  open(name: string, held: Hold): ImageRecord & { readonly parts: LayerRecord[] };
  /** A layer that is here and written down, held by `held`; null when there is none. */
  layer(diffId: string, held: Hold): LayerRecord | null;
  /** Writes down an image whose layers are held, and gives it names. */
  add(image: NewImage, names: readonly Reference[]): void;
  /** Removes the layers that nobody needs any more; returns how many bytes were in them. */
  dropLayers(): Promise<number>;
  /** Begins to hold layers: `done` lets them go, and removes those that nobody needs. */
  holdLayers(): { held: Hold; done(): Promise<void> };
  /** What goes between registries, archives and the layers here without being an image of the engine. */
  readonly detached: DetachedImages;
  pull(options: PullOptions, report: Report): Promise<void>;
  push(options: PushOptions, report: Report): Promise<void>;
  tag(name: string, repository: string, tag: string): void;
  history(name: string): ImageHistoryItem[];
  /** An archive of images. Throws before it begins when one of them is missing. */
  save(names: readonly string[], platform: string): AsyncIterable<Buffer>;
  prune(filters: Filters): Promise<ImagePruneAnswer>;
  /** What a registry has under a name. */
  inspectRemote(name: string, credentials: Credentials, signal: AbortSignal): Promise<DistributionInspect>;
  /** The repositories that a registry finds for a term. */
  search(query: SearchQuery): Promise<SearchResult[]>;
  /** Whether a registry takes credentials. */
  authenticate(credentials: Credentials, signal: AbortSignal): Promise<AuthAnswer>;
}

type Hold = (layer: { diffId: string }) => void;

export interface ImageServiceDependencies {
  database: Database;
  layers: LayerStore;
  blobs: BlobStore;
  registries: RegistryClient;
  events: EventBus;
  containersUsing(imageId: string): ImageUser[];
}

/** The images of an engine: where they come from, what they are called, and when they go. */
export function createImageService({
  database,
  layers,
  blobs,
  registries,
  events,
  containersUsing,
}: ImageServiceDependencies): ImageService {
  const images = createImageStore(database);

  const fileOf = (id: string) => {
    const image = images.get(id);
    return image ? readImageFile(image.config) : null;
  };
  const tell = (action: string, id: string, name: string, labels = fileOf(id)?.config?.Labels) =>
    events.publish('image', action, id, { ...labels, name });

  const tellOfName = (action: string, reference: Reference) => {
    const id = images.imageNamed(storedName(reference));
    const labels = id === null ? null : fileOf(id)?.config?.Labels;
    events.publish('image', action, familiarReference(reference), {
      ...labels,
      name: familiarName(reference),
    });
  };
  const { begin, holding, removeLayers } = createKeeper({ images, layers, blobs });
  const fetcher = createLayerFetcher({ images, layers, blobs });
  const compressor = createLayerCompressor({ images, layers, blobs });

  // An image that was removed by force while containers of it were left keeps its layers until they are gone.
  let unsubscribe: (() => void) | null = null;
  const watchHidden = () => {
    if (images.hidden().length === 0) return;
    unsubscribe ??= events.subscribe(({ Type, Action }) => {
      if (Type !== 'container' || Action !== 'destroy') return;
      for (const id of images.hidden()) if (containersUsing(id).length === 0) images.remove(id);
      void removeLayers().done;
      if (images.hidden().length > 0) return;
      unsubscribe?.();
      unsubscribe = null;
    });
  };
  watchHidden();

  const remove: ImageService['remove'] = async (name, { force }) => {
    const removed: Promise<unknown>[] = [];
    const done = removeImage(
      {
        images,
        containersUsing,
        untag(id, reference) {
          images.unname(reference);
          tell('untag', id, id);
        },
        delete(id) {
          const image = images.get(id);
          const labels = fileOf(id)?.config?.Labels;
          if (containersUsing(id).length > 0) images.hide(id);
          else images.remove(id);
          watchHidden();
          const { diffIds, done } = removeLayers();
          removed.push(done);
          tell('delete', id, id, labels);
          const chain = chainIds(image?.layers ?? []).filter((_, at) => diffIds.has(image?.layers[at] ?? ''));
          return [id, ...chain.reverse()].map((Deleted) => ({ Deleted }));
        },
      },
      name,
      force,
    );
    await Promise.all(removed);
    return done;
  };

  return {
    recover: () => checkDoubtful({ images, layers, blobs, containersUsing }),

    load: (archive, options, report) =>
      holding((held) =>
        loadImages({ images, layers, held, loaded: (id) => tell('load', id, id) }, archive, options, report),
      ),

    async import(archive, options, report) {
      const reference = importedName(options);
      await holding(async (held) => {
        const name = reference && formatReference(reference);
        const take = (content: AsyncIterable<Buffer>, source: string) =>
          importImage({ images, layers, held }, content, name, { ...options, source });
        // An archive that comes with a request has a `url` as well: that of the request.
        const id = await (Symbol.asyncIterator in archive
          ? take(archive, '-')
          : importFrom(registries, archive, take, report));
        if (reference) tell('tag', id, familiarReference(reference));
        tell('import', id, id);
        await report({ status: id });
      });
    },

    async commit(layer, options) {
      const reference = options.repository === '' ? null : newName(options.repository, options.tag);
      return holding(async (held) => {
        const name = reference && formatReference(reference);
        const id = await commitImage({ images, layers, held }, layer, name, options);
        if (reference) tell('tag', id, familiarReference(reference));
        return { id, reference: reference ? familiarReference(reference) : '' };
      });
    },

    list: (query) => listImages(images, query),
    inspect: (name) => inspectImage(images, layers, findImage(images, name)),

    remove,

    resolve(name) {
      const image = images.get(findImage(images, name));
      if (!image) throw new EngineError('notFound', `No such image: ${name}`);
      const file = readImageFile(image.config);
      const { architecture, os } = file;
      return {
        id: image.id,
        config: imageConfigOf(file),
        layers: [...image.layers],
        architecture,
        os: os || 'linux',
      };
    },

    count: images.count,
    layersSize: () =>
      images
        .imageLayers()
        .values()
        .reduce((sum, size) => sum + size, 0),

    open(name, held) {
      const image = images.get(findImage(images, name));
      if (!image) throw new EngineError('notFound', `No such image: ${name}`);
      const parts = image.layers.map((diffId) => {
        if (layers.hold(diffId)) held({ diffId });
        return images.layer(diffId) ?? { diffId, size: 0 };
      });
      return { ...image, parts };
    },

    layer(diffId, held) {
      const layer = images.layer(diffId);
      if (!layer || !layers.hold(diffId)) return null;
      held(layer);
      return layer;
    },

    add(image, names) {
      images.insert(image, names.map(formatReference), new Date().toISOString());
      for (const name of names) tell('tag', image.id, familiarReference(name));
    },

    async dropLayers() {
      const before = images.totalSize();
      await removeLayers().done;
      return before - images.totalSize();
    },

    holdLayers: begin,
    detached: createDetachedImages({ images, layers, blobs, registries, fetcher, compressor }),

    pull: (options, report) =>
      holding((held) => {
        const pulled = (reference: Reference) => tellOfName('pull', reference);
        return pullImages({ images, registries, fetcher, held, pulled }, options, report);
      }),

    push: (options, report) =>
      holding((held) => {
        const pushed = (reference: Reference) => tellOfName('push', reference);
        const pushing = { images, layers, blobs, registries, compressor, held, pushed };
        return pushImages(pushing, options, report);
      }),

    tag(name, repository, tag) {
      const id = findImage(images, name);
      const reference = newName(repository, tag);
      images.name(id, formatReference(reference), new Date().toISOString());
      tell('tag', id, familiarReference(reference));
    },

    history: (name) => historyOf(images, name),

    save(names, platform) {
      const wanted = imagesToSave(images, names, platform);
      return (async function* () {
        const { held, done } = begin();
        try {
          yield* saveImages({ images, layers, held }, wanted);
          for (const { id } of wanted) tell('save', id, id);
        } finally {
          await done();
        }
      })();
    },

    async prune(filters) {
      const before = images.totalSize();
      const plain = { force: false, noprune: false };
      const deleted = await removeEach(imagesToPrune(images, filters), (name) => remove(name, plain));
      await removeLayers().done;
      const SpaceReclaimed = before - images.totalSize();
      events.publish('image', 'prune', '', { reclaimed: String(SpaceReclaimed) });
      return { ImagesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed };
    },

    inspectRemote: (name, credentials, signal) => inspectRemote(registries, name, credentials, signal),
    search: (query) => searchRegistry(registries, query),
    authenticate: (credentials, signal) => checkCredentials(registries, credentials, signal),
  };
}
