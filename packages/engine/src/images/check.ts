import { createHash } from 'node:crypto';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { digestOf } from '../registry/manifests.ts';
import type { ImageStore, LayerBlob } from '../state/images.ts';
import type { BlobStore } from '../storage/blobs.ts';
import type { LayerStore } from '../storage/layers.ts';
import { imageIdOf, readImageFile } from './config.ts';
import type { ImageUser } from './remove.ts';

export interface Checking {
  images: ImageStore;
  layers: LayerStore;
  blobs: BlobStore;
  containersUsing(imageId: string): ImageUser[];
}

/** What a check has found: how many things are wrong, and how many of them still are. */
export interface CheckResult {
  found: number;
  left: number;
}

/** Tells of a problem; `mend` does something about it and says what, or null when it cannot. */
type Problem = (what: string, mend: () => Promise<string | null>) => Promise<void>;

/** Counts problems, mends them when it is to, and says of each what has become of it. */
function countProblems(
  repair: boolean,
  say: (line: string) => void,
): { result: CheckResult; problem: Problem } {
  const result: CheckResult = { found: 0, left: 0 };
  return {
    result,
    async problem(what, mend) {
      result.found += 1;
      const done = repair ? await mend() : null;
      if (done === null) result.left += 1;
      say(done === null ? what : `${what}: ${done}`);
    },
  };
}

/**
 * Looks at the layers that were written shortly before the machine went down, of which only a part may have reached
 * the disk, and mends what is wrong with them as `checkImages` does.
 */
export async function checkDoubtful(checking: Checking): Promise<void> {
  const { images, layers } = checking;
  const doubtful = layers.doubtful(images.layers());
  if (doubtful.length > 0) {
    log.warn('the machine went down while layers were written: looking at them', { layers: doubtful.length });
    const { problem } = countProblems(true, log.warn);
    await checkBlobs(checking, doubtful, problem);
    await checkLayers(checking, doubtful, problem);
  }
  layers.trustAll();
}

/**
 * Reads everything that the store of images keeps, and compares it with what it should be: compressed layers with
 * their digests, files of layers with their DiffIDs, configurations and manifests with theirs; and looks for what
 * nobody knows. What is broken is made anew from its other form or, with images that nothing uses, given up, so
 * that it can be pulled again. `say` gets a line for each problem.
 */
export async function checkImages(
  checking: Checking,
  repair: boolean,
  say: (line: string) => void,
): Promise<CheckResult> {
  const { images, layers, blobs } = checking;
  const { result, problem } = countProblems(repair, say);

  const unknown = [layers.strays(images.layers()), blobs.strays(images.blobs())].flat();
  for (const name of unknown)
    await problem(`nothing refers to ${name}`, async () => {
      layers.removeAllBut(images.layers());
      blobs.removeAllBut(images.blobs());
      return 'removed';
    });
  await checkBlobs(checking, images.layers(), problem);
  await checkLayers(checking, images.layers(), problem);
  for (const id of images.everyId()) {
    const wrong = wrongImage(images, id);
    if (wrong !== null) await problem(`image ${id} ${wrong}`, () => giveUp(checking, [id]));
  }
  return result;
}

async function checkBlobs(
  { images, blobs }: Checking,
  diffIds: Iterable<string>,
  problem: Problem,
): Promise<void> {
  for (const diffId of diffIds)
    for (const blob of images.blobsOf(diffId)) {
      const wrong = await wrongBlob(blobs, blob);
      if (wrong === null) continue;
      await problem(`compressed layer ${blob.digest} ${wrong}`, async () => {
        images.forgetBlob(blob.digest);
        await blobs.remove(blob.digest);
        return 'removed, as it can be made again';
      });
    }
}

async function checkLayers(checking: Checking, diffIds: Iterable<string>, problem: Problem): Promise<void> {
  const { images, layers, containersUsing } = checking;
  for (const diffId of diffIds) {
    const wrong = await wrongLayer(layers, diffId);
    if (wrong === null) continue;
    const users = images.everyId().filter((id) => images.get(id)?.layers.includes(diffId));
    const isMounted = users.some((id) => containersUsing(id).some(({ running }) => running));
    await problem(`layer ${diffId} ${wrong}`, async () => {
      if (isMounted) return null;
      return (await unpackAgain(checking, diffId)) ? 'unpacked again' : giveUp(checking, users);
    });
  }
}

/** Removes images that nothing uses, with layers that nobody else has; returns what it did. */
async function giveUp(
  { images, layers, blobs, containersUsing }: Checking,
  ids: readonly string[],
): Promise<string | null> {
  if (ids.some((id) => containersUsing(id).length > 0)) return null;
  for (const id of ids) images.remove(id);
  const dropped = images.dropUnusedLayers(() => false);
  await Promise.all(dropped.diffIds.map((diffId) => layers.remove(diffId).done));
  await Promise.all(dropped.blobs.map((digest) => blobs.remove(digest)));
  return ids.length === 0 ? 'removed' : `removed with ${ids.map(short).join(', ')}`;
}

const short = (id: string): string => id.slice(7, 19);

/** What is known of a compressed layer without having it is not wrong: a registry may be asked for it. */
async function wrongBlob(blobs: BlobStore, { digest, size }: LayerBlob): Promise<string | null> {
  if (!(await blobs.has(digest))) return null;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of await blobs.open(digest)) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    return `cannot be read (${messageOf(error)})`;
  }
  if (bytes !== size) return `has ${bytes} bytes and not ${size}`;
  return `sha256:${hash.digest('hex')}` === digest ? null : 'is not what it was';
}

async function wrongLayer(layers: LayerStore, diffId: string): Promise<string | null> {
  if (!layers.has(diffId)) return 'is missing';
  try {
    for await (const _ of layers.tar(diffId));
    return null;
  } catch (error) {
    return `is not what it was (${messageOf(error)})`;
  }
}

function wrongImage(images: ImageStore, id: string): string | null {
  const image = images.get(id);
  if (!image || imageIdOf(image.config) !== id) return 'has another configuration than it had';
  if (images.manifestsOf(id).some(({ content, digest }) => digestOf(content) !== digest))
    return 'has a manifest that is not what it was';
  const diffIds = readImageFile(image.config).rootfs.diff_ids ?? [];
  return diffIds.join() === image.layers.join() ? null : 'lacks layers';
}

/** Makes the files of a layer again from its compressed form, if that is here. */
async function unpackAgain(
  { images, layers, blobs }: Pick<Checking, 'images' | 'layers' | 'blobs'>,
  diffId: string,
): Promise<boolean> {
  for (const { digest } of images.blobsOf(diffId)) {
    if (!(await blobs.has(digest))) continue;
    await layers.remove(diffId).done;
    try {
      await layers.unpack(await blobs.open(digest), diffId);
      layers.release(diffId);
      return true;
    } catch (error) {
      log.warn('a compressed layer cannot be unpacked again', { digest, error: messageOf(error) });
    }
  }
  return false;
}
