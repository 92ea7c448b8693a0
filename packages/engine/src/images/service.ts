import type { ImageConfig, ImageDeleteItem, ImageInspect, ImageSummary } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import type { Database } from '../state/database.ts';
import { createImageStore, type LayerRecord } from '../state/images.ts';
import type { BlobStore } from '../storage/blobs.ts';
import type { LayerStore } from '../storage/layers.ts';
import { chainIds, imageConfigOf, readImageFile } from './config.ts';
import { type ImportOptions, importedName, importImage } from './import.ts';
import { inspectImage } from './inspect.ts';
import { type ListQuery, listImages } from './list.ts';
import { type LoadOptions, loadImages, type Report } from './load.ts';
import { findImage } from './lookup.ts';
import { familiarReference, formatReference } from './reference.ts';
import { type ImageUser, removeImage } from './remove.ts';

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
  load(archive: AsyncIterable<Buffer>, options: LoadOptions, report: Report): Promise<void>;
  import(archive: AsyncIterable<Buffer>, options: ImportOptions, report: Report): Promise<void>;
  list(query: ListQuery): ImageSummary[];
  inspect(name: string): ImageInspect;
  remove(name: string, options: { force: boolean; noprune: boolean }): Promise<ImageDeleteItem[]>;
  /** Throws `notFound` with docker's words. */
  resolve(name: string): ResolvedImage;
  count(): number;
}

export interface ImageServiceDependencies {
  database: Database;
  layers: LayerStore;
  blobs: BlobStore;
  events: EventBus;
  containersUsing(imageId: string): ImageUser[];
}

/** The images of an engine: where they come from, what they are called, and when they go. */
export function createImageService({
  database,
  layers,
  blobs,
  events,
  containersUsing,
}: ImageServiceDependencies): ImageService {
  const images = createImageStore(database);
  layers.removeAllBut(images.layers());
  blobs.removeAllBut(images.blobs());

  const fileOf = (id: string) => {
    const image = images.get(id);
    return image ? readImageFile(image.config) : null;
  };
  const tell = (action: string, id: string, name: string, labels = fileOf(id)?.config?.Labels) =>
    events.publish('image', action, id, { ...labels, name });

  /** Runs what brings in layers, and removes those that no image needs afterwards. */
  const holding = async <T>(work: (held: (layer: LayerRecord) => void) => Promise<T>): Promise<T> => {
    const held: string[] = [];
    try {
      return await work(({ diffId }) => held.push(diffId));
    } finally {
      for (const diffId of held) layers.release(diffId);
      const needless = new Set(held.filter((diffId) => images.layer(diffId) === null));
      await Promise.all(Array.from(needless, (diffId) => layers.remove(diffId).done));
    }
  };

  /** Removes the layers that nobody needs any more; returns their DiffIDs at once, and when they are gone. */
  const removeLayers = (): { diffIds: Set<string>; done: Promise<unknown> } => {
    const { diffIds, blobs: compressed } = images.dropUnusedLayers();
    const gone = [
      ...diffIds.map((diffId) => layers.remove(diffId).done),
      ...compressed.map((digest) => blobs.remove(digest)),
    ];
    return { diffIds: new Set(diffIds), done: Promise.all(gone) };
  };

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

  return {
    load: (archive, options, report) =>
      holding((held) =>
        loadImages({ images, layers, held, loaded: (id) => tell('load', id, id) }, archive, options, report),
      ),

    async import(archive, options, report) {
      const reference = importedName(options);
      await holding(async (held) => {
        const name = reference && formatReference(reference);
        const id = await importImage({ images, layers, held }, archive, name, options);
        if (reference) tell('tag', id, familiarReference(reference));
        tell('import', id, id);
        await report({ status: id });
      });
    },

    list: (query) => listImages(images, query),
    inspect: (name) => inspectImage(images, layers, findImage(images, name)),

    async remove(name, { force }) {
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
            const chain = chainIds(image?.layers ?? []).filter((_, at) =>
              diffIds.has(image?.layers[at] ?? ''),
            );
            return [id, ...chain.reverse()].map((Deleted) => ({ Deleted }));
          },
        },
        name,
        force,
      );
      await Promise.all(removed);
      return done;
    },

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
  };
}
