import { join } from 'node:path';
import type { EventMessage } from '@davit/api';
import type { EngineConfig } from '../config.ts';
import { EngineError } from '../errors.ts';
import { createEventBus } from '../events/bus.ts';
import { findProgram } from '../runtime/find.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { createContainerStore, schema } from '../state/containers.ts';
import { openDatabase } from '../state/database.ts';
import { schema as volumeSchema } from '../state/volumes.ts';
import { lendRoots } from '../storage/lend.ts';
import { createRootStore } from '../storage/overlay.ts';
import { createPropagation } from '../storage/propagation.ts';
import { createVolumeFolders } from '../storage/volumes.ts';
import { createVolumeService } from '../volumes/service.ts';
import type { ContainerServiceDependencies } from './context.ts';
import { createContainerService } from './service.ts';

/** Why containers cannot be run here. */
export const obstacles = [
  process.platform !== 'linux' && 'this is not Linux',
  process.getuid?.() !== 0 && 'this is not root',
  ...['conmon', 'busybox'].map((name) => !findProgram(name) && `${name} is not installed`),
  !findProgram('crun') && !findProgram('runc') && 'neither crun nor runc is installed',
].filter(Boolean);
if (obstacles.length > 0) process.stderr.write(`service.test.ts is skipped: ${obstacles.join(', ')}\n`);

export const engineId = `test-${process.pid}`;
export const diffId = `sha256:${'0'.repeat(64)}`;

/** A service on the roots in `folder`, with networks and images that are only what a test needs of them. */
export async function openService(folder: string) {
  const database = openDatabase(join(folder, 'state.db'), [schema, volumeSchema]);
  const events = createEventBus();
  const told: EventMessage[] = [];
  events.subscribe((event) => told.push(event));
  const config = {
    dataRoot: folder,
    execRoot: folder,
    runtimes: {},
    defaultRuntime: '',
    cgroupParent: '',
    initPath: '',
    logConfig: { Type: 'json-file', Config: {} },
  };
  const image = {
    id: 'sha256:1',
    config: { Cmd: ['sh'] },
    layers: [diffId],
    architecture: 'amd64',
    os: 'linux',
  };
  const sandbox = {
    key: '',
    networks: {},
    ports: {},
    gateway: '',
    dns: { servers: [], search: [], options: [] },
    sysctls: {},
  };
  const runtime = await createRuntime({ config });
  const store = createContainerStore(database);
  const service = createContainerService({
    config: config as unknown as EngineConfig,
    engineId,
    store,
    volumes: createVolumeService({
      ...{ database, events },
      folders: createVolumeFolders({ dataRoot: folder }),
      containersUsing: store.containersWithVolume,
    }),
    images: { resolve: () => image } as unknown as ContainerServiceDependencies['images'],
    roots: lendRoots(createRootStore({ dataRoot: folder })),
    runtime,
    propagation: createPropagation(null),
    networks: {
      check: () => undefined,
      connect: async () => sandbox,
      disconnect: async () => undefined,
      reconcile: async () => undefined,
      describe: () => null,
      find: (name) => {
        throw new EngineError('notFound', `network ${name} not found`);
      },
      join: async () => undefined,
      leave: async () => undefined,
      rename: () => undefined,
    },
    events,
  });
  await service.reconcile();
  const close = () => {
    service.close();
    database.close();
  };
  const actions = (id: string) => told.filter((event) => event.id === id).map((event) => event.Action);
  return { service, runtime, actions, close };
}
