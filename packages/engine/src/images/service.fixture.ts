import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventMessage, ProgressMessage } from '@davit/api';
import { afterAll, afterEach, beforeEach, vi } from 'vitest';
import { createEventBus } from '../events/bus.ts';
import { createRegistryClient } from '../registry/client.ts';
import { type Database, openDatabase } from '../state/database.ts';
import { schema } from '../state/images.ts';
import { createBlobStore } from '../storage/blobs.ts';
import { createLayerStore, type LayerStore } from '../storage/layers.ts';
import { inChunks } from '../storage/tar.fixture.ts';
import type { ImageUser } from './remove.ts';
import { createImageService, type ImageService } from './service.ts';

/** Only root on Linux can unpack layers. */
export const canUnpack = process.platform === 'linux' && process.getuid?.() === 0;

/** What a test has at hand; made anew for each. */
export interface Bench {
  dataRoot: string;
  layers: LayerStore;
  service: ImageService;
  /** Containers that are said to exist. */
  users: (ImageUser & { imageId: string })[];
  told: EventMessage[];
}

/** Gives every test of a file an image service with a data root of its own. */
export function useImages() {
  // Each starts several programs, on machines that may be busy.
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
  const base = mkdtempSync(join(tmpdir(), 'davit-images-'));
  const bench = {} as Bench;
  let database: Database;
  let roots = 0;
  const bus = createEventBus();
  bus.subscribe((event) => bench.told.push(event));

  beforeEach(() => {
    if (!canUnpack) return;
    const dataRoot = join(base, `root${roots++}`);
    mkdirSync(dataRoot);
    database = openDatabase(':memory:', [schema]);
    const layers = createLayerStore({ dataRoot });
    const blobs = createBlobStore({ dataRoot });
    const registries = createRegistryClient({
      config: { insecureRegistries: [], registryMirrors: [] },
      ...{ certificateFolders: [], environment: {} },
    });
    const containersUsing = (imageId: string) => bench.users.filter((user) => user.imageId === imageId);
    const service = createImageService({ database, layers, blobs, registries, events: bus, containersUsing });
    Object.assign(bench, { dataRoot, layers, service, users: [], told: [] });
  });
  afterEach(() => {
    if (canUnpack) database.close();
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  return {
    bench,
    bus,
    directories: (name: string) => readdirSync(join(bench.dataRoot, 'overlay', name)),
    events: () => bench.told.map(({ Action, id }) => `${Action} ${id}`),
    list: (filters: Record<string, string[]> = {}) =>
      bench.service.list({ all: false, filters, sharedSize: false }),
    remove: (name: string, force = false) => bench.service.remove(name, { force, noprune: false }),
    async load(archive: Buffer, quiet = true, platform = ''): Promise<ProgressMessage[]> {
      const messages: ProgressMessage[] = [];
      await bench.service.load(inChunks(archive), { quiet, platform }, async (message) => {
        messages.push(message);
      });
      return messages;
    },
    async importTar(
      archive: Buffer,
      options: { repository?: string; tag?: string; changes?: string[] } = {},
    ) {
      const messages: ProgressMessage[] = [];
      const all = { repository: '', tag: '', message: '', changes: [], platform: '', ...options };
      await bench.service.import(inChunks(archive), all, async (message) => {
        messages.push(message);
      });
      return messages[0]?.status ?? '';
    },
  };
}
