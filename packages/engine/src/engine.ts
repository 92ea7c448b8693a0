import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createBuildService } from './build/service.ts';
import { createContainerService } from './containers/service.ts';
import { readIdentity } from './daemon/identity.ts';
import type { Activity } from './daemon/idle.ts';
import { namespaceMark } from './daemon/namespace.ts';
import { writePidFile } from './daemon/pidfile.ts';
import { createEventBus } from './events/bus.ts';
import { createImageService } from './images/service.ts';
import { log } from './log.ts';
import { createNetworkService } from './networks/service.ts';
import { certificateFolders } from './registry/certificates.ts';
import { createRegistryClient } from './registry/client.ts';
import { registerBuildRoutes } from './routes/build.ts';
import { registerContainerRoutes } from './routes/containers.ts';
import { registerImageRoutes } from './routes/images.ts';
import { registerNetworkRoutes } from './routes/networks.ts';
import { registerRegistryRoutes } from './routes/registry.ts';
import { registerSwarmRoutes } from './routes/swarm.ts';
import { registerSystemRoutes } from './routes/system.ts';
import { registerVolumeRoutes } from './routes/volumes.ts';
import { removeEngineCgroups } from './runtime/cgroup.ts';
import { createRuntime } from './runtime/runtime.ts';
import { parseHost } from './server/hosts.ts';
import { type Listener, listen } from './server/listen.ts';
import { createApiServer } from './server/server.ts';
import type { DaemonConfig } from './settings/daemon.ts';
import { schema as historySchema } from './state/buildhistory.ts';
import { schema as buildSchema } from './state/builds.ts';
import { schema as containerSchema, createContainerStore, isRunning } from './state/containers.ts';
import { type Database, openDatabase } from './state/database.ts';
import { schema as imageSchema } from './state/images.ts';
import { schema as networkSchema } from './state/networks.ts';
import { schema as volumeSchema } from './state/volumes.ts';
import { createBlobStore } from './storage/blobs.ts';
import { createLayerStore } from './storage/layers.ts';
import { lendRoots } from './storage/lend.ts';
import { createRootStore } from './storage/overlay.ts';
import { createPropagation, hostDescriptor } from './storage/propagation.ts';
import { createVolumeFolders } from './storage/volumes.ts';
import { release } from './system/release.ts';
import { countByState, createSystemService } from './system/service.ts';
import { createVolumeService } from './volumes/service.ts';

export interface Engine {
  /** Where it listens. */
  readonly addresses: string[];
  activity(): Activity;
  /** Ends everything that must not outlive the engine, containers too unless they are to live on. */
  stop(): Promise<void>;
}

/**
 * Brings all services up, in the order in which they need each other, and listens when everything is there.
 * `inherited` are the descriptors of sockets for `fd://`. Throws a `conflict` when another engine is at work here.
 */
export async function startEngine(config: DaemonConfig, inherited: number[]): Promise<Engine> {
  await mkdir(config.dataRoot, { recursive: true, mode: 0o700 });
  await mkdir(config.execRoot, { recursive: true, mode: 0o711 });
  const database = await openState(config.dataRoot);
  let removePidFile = () => {};
  try {
    // Before anybody is answered: who finds the engine finds its process ID as well.
    removePidFile = await writePidFile(config.pidFile);
    const engine = await assemble(config, database, inherited);
    return {
      ...engine,
      async stop() {
        await engine.stop();
        removePidFile();
      },
    };
  } catch (error) {
    removePidFile();
    database.close();
    throw error;
  }
}

async function assemble(config: DaemonConfig, database: Database, inherited: number[]): Promise<Engine> {
  const identity = readIdentity(config.dataRoot);
  const events = createEventBus();
  const runtime = await createRuntime({ config });
  const store = createContainerStore(database);
  const layers = createLayerStore(config);
  const roots = lendRoots(createRootStore(config));
  const images = createImageService({
    database,
    events,
    layers,
    blobs: createBlobStore(config),
    registries: createRegistryClient({ config, certificateFolders, environment: process.env }),
    containersUsing: store.containersUsing,
  });
  const networks = createNetworkService({
    ...{ config, database, events, engineId: identity.short },
    ownMounts: process.env[namespaceMark] === 'private',
    container: (name) => {
      const record = store.find(name);
      return { id: record.id, running: isRunning(record) };
    },
    // A container that waits for its start has nothing in a network, and may not lose it meanwhile.
    wantedNetworks: () =>
      new Set(
        store
          .all()
          .filter(isRunning)
          .flatMap((record) => Object.keys(record.endpoints)),
      ),
  });
  const volumes = createVolumeService({
    ...{ database, events },
    folders: createVolumeFolders(config),
    containersUsing: store.containersWithVolume,
  });
  const host = process.env[hostDescriptor];
  const containers = createContainerService({
    ...{ config, events, store, images, networks, volumes, runtime, engineId: identity.short, roots },
    propagation: createPropagation(host ? Number(host) : null),
  });
  const builds = createBuildService({
    ...{ dataRoot: config.dataRoot, execRoot: config.execRoot },
    ...{ database, images, containers, roots, layers, events },
    settings: config.builder,
  });
  const system = createSystemService({
    ...{ config, events, runtime, id: identity.id },
    census: () => ({ ...countByState(store.all()), images: images.count() }),
    usage: {
      images: () => images.list({ all: false, filters: {}, sharedSize: true }),
      layers: images.layersSize,
      containers: () => containers.list({ all: true, limit: null, size: true, filters: {} }),
      volumes: volumes.usage,
      builds: builds.usage,
    },
  });

  const api = createApiServer({ engineVersion: release.version });
  registerSystemRoutes(api.add, system);
  registerSwarmRoutes(api.add);
  registerImageRoutes(api.add, images);
  registerRegistryRoutes(api.add, images);
  registerContainerRoutes(api.add, containers);
  registerNetworkRoutes(api.add, networks, containers);
  registerBuildRoutes(api.add, builds);
  registerVolumeRoutes(api.add, volumes);

  await images.recover();
  await networks.start();
  await containers.reconcile();
  await builds.reconcile();

  const listeners: Listener[] = [];
  for (const host of config.hosts) {
    const where = parseHost(host, config.tls.enabled);
    listeners.push(...(await listen(where, { ...config, inherited }, api.open)));
  }
  const addresses = listeners.map(({ address }) => address);
  log.info('davitd is ready', { listening: addresses.join(' '), runtime: runtime.name });

  return {
    addresses,
    activity: () => ({ connections: api.connections, running: store.all().filter(isRunning).length }),
    async stop() {
      for (const listener of listeners) listener.close();
      api.retire();
      await builds.close();
      // Those who wait for a container or read its output are still there to hear of its end.
      if (!config.liveRestore) await containers.stopAll(config.shutdownTimeout);
      await api.close(1000);
      containers.close();
      await networks.stop();
      await removeEngineCgroups(identity.short);
      database.close();
    },
  };
}

const schemas = [imageSchema, containerSchema, networkSchema, volumeSchema, buildSchema, historySchema];

/** Opens what is written down below a data root. Throws a `conflict` while an engine is at work there. */
export async function openState(dataRoot: string): Promise<Database> {
  const path = join(dataRoot, 'state.db');
  const database = openDatabase(path, schemas);
  // Environments of containers are in it, and secrets are in those.
  await chmod(path, 0o600);
  return database;
}
