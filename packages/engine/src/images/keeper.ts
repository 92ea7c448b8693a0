import type { ImageStore } from '../state/images.ts';
import type { BlobStore } from '../storage/blobs.ts';
import type { LayerStore } from '../storage/layers.ts';

/** Sees to it that layers are there as long as someone needs them, and no longer. */
export interface Keeper {
  /**
   * Begins to hold layers; `done` lets them go, and removes those that no image needs. One that is held after that is
   * let go at once.
   */
  begin(): { held(layer: { diffId: string }): void; done(): Promise<void> };
  /** Runs what needs layers to stay: those it tells of are let go afterwards, and removed if no image needs them. */
  holding<T>(work: (held: (layer: { diffId: string }) => void) => Promise<T>): Promise<T>;
  /** Removes the layers that nobody needs any more; returns their DiffIDs at once, and when they are gone. */
  removeLayers(): { diffIds: Set<string>; done: Promise<unknown> };
}

export interface KeeperDependencies {
  images: ImageStore;
  layers: LayerStore;
  blobs: BlobStore;
}

/** Begins with throwing away what a crash has left of layers that nobody had written down yet. */
export function createKeeper({ images, layers, blobs }: KeeperDependencies): Keeper {
  layers.removeAllBut(images.layers());
  blobs.removeAllBut(images.blobs());

  /** What nobody needed while it was held; it was left alone. */
  let postponed = false;

  const removeLayers = () => {
    const isHeld = (diffId: string) => {
      if (!layers.isHeld(diffId)) return false;
      postponed = true;
      return true;
    };
    const { diffIds, blobs: compressed } = images.dropUnusedLayers(isHeld);
    const gone = [
      ...diffIds.map((diffId) => layers.remove(diffId).done),
      ...compressed.map((digest) => blobs.remove(digest)),
    ];
    return { diffIds: new Set(diffIds), done: Promise.all(gone) };
  };

  const letGo = async (held: readonly string[]) => {
    for (const diffId of held) layers.release(diffId);
    const needless = new Set(held.filter((diffId) => images.layer(diffId) === null));
    await Promise.all(Array.from(needless, (diffId) => layers.remove(diffId).done));
    if (!postponed) return;
    postponed = false;
    await removeLayers().done;
  };

  const begin = () => {
    const all: string[] = [];
    let isDone = false;
    return {
      held({ diffId }: { diffId: string }) {
        if (isDone) void letGo([diffId]);
        else all.push(diffId);
      },
      done() {
        isDone = true;
        return letGo(all.splice(0));
      },
    };
  };

  return {
    begin,
    removeLayers,
    async holding(work) {
      const { held, done } = begin();
      try {
        return await work(held);
      } finally {
        await done();
      }
    },
  };
}
