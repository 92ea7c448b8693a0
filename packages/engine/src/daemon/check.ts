import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openState } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { checkImages } from '../images/check.ts';
import type { DaemonConfig } from '../settings/daemon.ts';
import { createContainerStore } from '../state/containers.ts';
import type { Database } from '../state/database.ts';
import { createImageStore } from '../state/images.ts';
import { createBlobStore } from '../storage/blobs.ts';
import { createLayerStore } from '../storage/layers.ts';

/**
 * Checks, and on request repairs, what an engine that does not run keeps of images. Returns the exit code: 0 when
 * all is well, or well again.
 */
export async function checkStore(
  config: DaemonConfig,
  repair: boolean,
  say: (line: string) => void,
): Promise<number> {
  if (!existsSync(join(config.dataRoot, 'state.db')))
    throw new EngineError('notFound', `no engine has ever run with the data root ${config.dataRoot}`);
  const database = await openPatiently(config.dataRoot);
  try {
    const images = createImageStore(database);
    const { containersUsing } = createContainerStore(database);
    const stores = { layers: createLayerStore(config), blobs: createBlobStore(config) };
    const { found, left } = await checkImages({ images, containersUsing, ...stores }, repair, say);
    const state = found === 0 ? 'all is well' : `${found} problems, ${found - left} of them repaired`;
    say(`${images.count()} images, ${images.layers().length} layers: ${state}`);
    return left === 0 ? 0 : 1;
  } finally {
    database.close();
  }
}

/** How long an engine that has just ended may take to let go, in milliseconds. */
const patience = 2000;

async function openPatiently(dataRoot: string): Promise<Database> {
  const deadline = Date.now() + patience;
  while (true) {
    try {
      return await openState(dataRoot);
    } catch (error) {
      const isBusy = error instanceof EngineError && error.kind === 'conflict';
      if (!isBusy || Date.now() > deadline) throw error;
    }
    await pause(50);
  }
}
