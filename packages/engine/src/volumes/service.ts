import type { Filters, Volume, VolumeListAnswer, VolumePruneAnswer } from '@davit/api';
import { formatTime, now } from '../clock.ts';
import { EngineError } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import { unmount } from '../kernel/mount.ts';
import { createLocks } from '../lock.ts';
import { log } from '../log.ts';
import type { Database } from '../state/database.ts';
import { createVolumeStore, type VolumeRecord } from '../state/volumes.ts';
import { fillFolder } from '../storage/fill.ts';
import type { VolumeFolders } from '../storage/volumes.ts';
import { anonymousLabel, listFilter, pruneFilter } from './filters.ts';
import { mountLocal } from './localmount.ts';
import { checkVolumeName, inventVolumeName } from './names.ts';
import { checkOptions } from './options.ts';

/** What a volume is to be, if it is not there already. */
export interface VolumeWish {
  name: string;
  /** Empty: `local`, which is the only one there is. */
  driver: string;
  options: Record<string, string> | null;
  labels: Record<string, string> | null;
  /** Its name was made up for a container. */
  isAnonymous?: boolean;
}

/** How a container uses a volume, as events tell it. */
export interface VolumeUse {
  destination: string;
  readOnly: boolean;
}

export interface VolumeService {
  /** Finds a volume or makes it; without a name it gets one. */
  create(wish: VolumeWish): Promise<Volume>;
  list(filters: Filters): VolumeListAnswer;
  inspect(name: string): Volume;
  remove(name: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<VolumePruneAnswer>;
  /** All volumes with how much is in them and how many containers use them. */
  usage(): Promise<Volume[]>;
  /** Throws for what `create` would refuse. */
  check(wish: VolumeWish): void;
  /** Path of a volume's files. */
  path(name: string): string;
  /** Whether its options make a volume read-only. */
  isReadOnly(name: string): boolean;
  /** Copies what a root has at `path` into a volume that is empty. */
  fill(name: string, holder: string, root: string, path: string): Promise<void>;
  /** Makes the files of a volume available to a container; returns their path. */
  mount(name: string, holder: string, use: VolumeUse): Promise<string>;
  /** A container lets go of all volumes. Safe to repeat. */
  unmount(holder: string): Promise<void>;
  /** Takes up the work of an engine before this one: `running` are the containers that live on, with their volumes. */
  reconcile(running: readonly { id: string; volumes: readonly string[] }[]): Promise<void>;
}

export interface VolumeServiceDependencies {
  database: Database;
  folders: VolumeFolders;
  events: EventBus;
  /** IDs of the containers that are made with a volume, running or not. */
  containersUsing(name: string): string[];
}

const missing = (name: string) => new EngineError('notFound', `get ${name}: no such volume`);
/** The container that holds a volume: for a while it may do so more than once, as `ID.1`. */
const containerOf = (holder: string) => holder.split('.')[0] ?? holder;

/** The volumes of an engine. A volume lasts until it is removed, and cannot be while a container is made with it. */
export function createVolumeService(dependencies: VolumeServiceDependencies): VolumeService {
  const { database, folders, events, containersUsing } = dependencies;
  const store = createVolumeStore(database);
  const locks = createLocks();
  /** The containers that have a volume mounted now. */
  const holders = new Map<string, Set<string>>();

  const find = (name: string): VolumeRecord => {
    const volume = store.get(name);
    if (volume) return volume;
    throw missing(name);
  };
  const describe = ({ name, driver, created, labels, options }: VolumeRecord): Volume => ({
    CreatedAt: created,
    Driver: driver,
    Labels: labels,
    Mountpoint: folders.path(name),
    Name: name,
    Options: options,
    Scope: 'local',
  });
  const tell = (action: string, { name, driver }: VolumeRecord, attributes: Record<string, string> = {}) =>
    events.publish('volume', action, name, { driver, ...attributes });
  const isMounted = (name: string) => holders.has(name);

  const check = ({ name, driver, options }: VolumeWish): void => {
    try {
      if (driver !== '' && driver !== 'local') {
        throw new EngineError(
          'notFound',
          `error looking up volume plugin ${driver}: plugin ${JSON.stringify(driver)} not found`,
        );
      }
      if (store.get(name)) return;
      if (name !== '') checkVolumeName(name);
      checkOptions(options ?? {});
    } catch (error) {
      throw error instanceof EngineError
        ? new EngineError(error.kind, `create ${name}: ${error.message}`)
        : error;
    }
  };

  const enter = (
    name: string,
    labels: VolumeRecord['labels'],
    options: VolumeRecord['options'],
  ): VolumeRecord => {
    const created = formatTime(now()).replace(/\.\d+/, '');
    const volume: VolumeRecord = { name, driver: 'local', created, labels, options };
    store.insert(volume);
    return volume;
  };

  const create: VolumeService['create'] = async (wish) => {
    check(wish);
    const isNamed = wish.name !== '' && !wish.isAnonymous;
    const name = wish.name || inventVolumeName();
    return locks.run(name, async () => {
      const known = store.get(name);
      if (known) return describe(known);
      const hasOptions = Object.keys(wish.options ?? {}).length > 0;
      const labels = isNamed ? wish.labels : { ...wish.labels, [anonymousLabel]: '' };
      const volume = enter(name, labels, hasOptions ? wish.options : null);
      await folders.make(name);
      tell('create', volume);
      return describe(volume);
    });
  };

  const erase = async (volume: VolumeRecord): Promise<void> => {
    const { name } = volume;
    const users = containersUsing(name);
    if (users.length > 0) {
      throw new EngineError('conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`);
    }
    if (volume.options) await unmount(folders.path(name));
    store.remove(name);
    await folders.remove(name);
    tell('destroy', volume);
  };

  const remove: VolumeService['remove'] = (name, force) =>
    locks.run(name, async () => {
      const volume = store.get(name);
      if (volume) await erase(volume);
      else if (!force) throw missing(name);
    });

  /** The last one who has it mounted unmounts what its options name. The volume's lock must be held. */
  const letGo = async (name: string, holder: string): Promise<boolean> => {
    const users = holders.get(name);
    if (!users?.delete(holder)) return false;
    if (users.size > 0) return true;
    holders.delete(name);
    if (store.get(name)?.options) await unmount(folders.path(name));
    return true;
  };

  /** The first one mounts it. The volume's lock must be held. */
  const take = async (volume: VolumeRecord, holder: string): Promise<string> => {
    const { name, options } = volume;
    const path = folders.path(name);
    await folders.make(name);
    if (options && !isMounted(name)) await mountLocal(options, path);
    holders.set(name, (holders.get(name) ?? new Set()).add(holder));
    return path;
  };

  return {
    check,
    create,
    path: folders.path,
    isReadOnly: (name) => (store.get(name)?.options?.o ?? '').split(',').includes('ro'),
    remove,
    inspect: (name) => describe(find(name)),

    list(filters) {
      const isWanted = listFilter(filters, ({ name }) => containersUsing(name).length > 0);
      return { Volumes: store.all().filter(isWanted).map(describe), Warnings: null };
    },

    async prune(filters) {
      const isWanted = pruneFilter(filters);
      const deleted: string[] = [];
      let SpaceReclaimed = 0;
      for (const { name } of store.all().filter(isWanted)) {
        await locks.run(name, async () => {
          const volume = store.get(name);
          if (!volume || containersUsing(name).length > 0) return;
          // What is mounted there is not the volume's own.
          const size = volume.options ? 0 : await folders.size(name);
          await erase(volume);
          deleted.push(name);
          SpaceReclaimed += size;
        });
      }
      events.publish('volume', 'prune', '', { reclaimed: String(SpaceReclaimed) });
      return { VolumesDeleted: deleted, SpaceReclaimed };
    },

    usage: () =>
      Promise.all(
        store.all().map(async (volume) => ({
          ...describe(volume),
          UsageData: {
            RefCount: containersUsing(volume.name).length,
            Size: await folders.size(volume.name),
          },
        })),
      ),

    fill: (name, holder, root, path) =>
      locks.run(name, async () => {
        const volume = find(name);
        // What others have mounted cannot be replaced under them.
        const isAlone = !volume.options && !isMounted(name);
        const target = await take(volume, holder);
        try {
          await fillFolder(root, path, {
            path: target,
            ...(isAlone && { stage: () => folders.stage(name) }),
          });
        } finally {
          await letGo(name, holder);
        }
      }),

    mount: (name, holder, { destination, readOnly }) =>
      locks.run(name, async () => {
        const volume = find(name);
        const path = await take(volume, holder);
        tell('mount', volume, {
          container: containerOf(holder),
          destination,
          'read/write': String(!readOnly),
          propagation: '',
        });
        return path;
      }),

    async unmount(holder) {
      const names = [...holders].filter(([, users]) => users.has(holder)).map(([name]) => name);
      for (const name of names) {
        await locks.run(name, async () => {
          const volume = store.get(name);
          if ((await letGo(name, holder)) && volume)
            tell('unmount', volume, { container: containerOf(holder) });
        });
      }
    },

    async reconcile(running) {
      await folders.clear();
      for (const { id, volumes } of running) {
        for (const name of volumes) holders.set(name, (holders.get(name) ?? new Set()).add(id));
      }
      for (const volume of store.all()) {
        if (volume.options && !isMounted(volume.name)) await unmount(folders.path(volume.name));
      }
      // Whose removal an engine did not finish, or whose record was lost: what is in it is not to be lost as well.
      for (const name of await folders.names()) {
        if (store.get(name)) continue;
        enter(name, null, null);
        log.warn(`the volume ${name} was found without a record of it`);
      }
    },
  };
}
