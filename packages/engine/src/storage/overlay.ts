import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmod, mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { spreadFolders } from '../kernel/files.ts';
import { unmount } from '../kernel/mount.ts';
import { run } from '../process.ts';
import { layerName, layersRoot, overlayRoot } from './layers.ts';
import { fits, mountOverlay, type Overlay } from './overlaymount.ts';

export interface MountOptions {
  /**
   * The container is removed when it ends: what it writes need not reach the disk. The kernel then neither
   * waits for fsync nor writes everything back when the root is unmounted.
   */
  volatile?: boolean;
  /** The files of the layers alone, without the places that containers have on top of them. */
  bare?: boolean;
}

/** The root file systems of containers: the layers of an image below a writable directory, put together by overlayfs. */
export interface RootStore {
  /** Makes the writable directory of a container. */
  create(containerId: string): Promise<void>;
  /** Mounts a container's root and returns where. `layers` are DiffIDs, base first. */
  mount(containerId: string, layers: readonly string[], options?: MountOptions): Promise<string>;
  /** Unmounts the root if it is mounted. */
  unmount(containerId: string): Promise<void>;
  /** Unmounts the root and removes all that the container has written. */
  remove(containerId: string): Promise<void>;
  /** Mounts what lies below a container's own writable directory, to be compared with it. */
  mountBelow(layers: readonly string[]): Promise<Loan>;
  /** Shows layers alone, read-only: an image's files without the places that containers mount things on. */
  mountLayers(layers: readonly string[]): Promise<Loan>;
  /** The directories of a container's root, as `inspect` tells them. */
  describe(containerId: string, layers: readonly string[]): Record<string, string>;
}

/** Files that are there until they are given back, which is done once. */
export interface Loan {
  root: string;
  release(): Promise<void>;
}

/** The lowest layer of every root lives beside the others under a name that no digest has. */
const init = 'init';

/** Opens the roots below `dataRoot`. */
export function createRootStore({ dataRoot }: { dataRoot: string }): RootStore {
  const layers = layersRoot(dataRoot);
  mkdirSync(layers, { recursive: true, mode: 0o710 });
  mkdirSync(join(overlayRoot(dataRoot), 'containers'), { recursive: true, mode: 0o710 });
  // A build makes thousands of files in a root where the last one may just have been removed.
  spreadFolders(join(overlayRoot(dataRoot), 'containers'));
  makeInitLayer(join(overlayRoot(dataRoot), init));
  const belows = join(overlayRoot(dataRoot), 'below');
  mkdirSync(belows, { recursive: true, mode: 0o710 });
  for (const name of readdirSync(belows)) void putAway(join(belows, name));
  // As the kernel writes it in its table of mounts.
  const containers = join(realpathSync(overlayRoot(dataRoot)), 'containers');

  const directoryOf = (containerId: string): string => {
    if (!/^[0-9a-z_-]+$/i.test(containerId))
      throw new EngineError('internal', `${JSON.stringify(containerId)} is no container ID`);
    return join(containers, containerId);
  };

  const unmountRoot = async (containerId: string): Promise<void> => {
    await unmount(join(directoryOf(containerId), 'merged'));
  };

  const mountReadOnly = async (names: readonly string[]): Promise<Loan> => {
    const [only] = names;
    // Overlayfs wants at least two directories.
    if (only !== undefined && names.length === 1)
      return { root: join(layers, only), release: () => Promise.resolve() };
    const root = join(belows, randomBytes(12).toString('hex'));
    await mkdir(root);
    if (only === undefined) return { root, release: () => putAway(root) };
    try {
      await mountOverlay({ base: layers, lower: names }, root);
    } catch (error) {
      await rmdir(root);
      throw error;
    }
    return { root, release: () => putAway(root) };
  };

  return {
    async create(containerId) {
      const directory = directoryOf(containerId);
      await mkdir(directory, { mode: 0o710 });
      await Promise.all(['upper', 'work', 'merged'].map((name) => mkdir(join(directory, name))));
      // The root of what the container sees, whatever the engine's umask is.
      await chmod(join(directory, 'upper'), 0o755);
    },

    async mount(containerId, ids, { volatile = false, bare = false } = {}) {
      const directory = directoryOf(containerId);
      const merged = join(directory, 'merged');
      const overlay: Overlay = {
        base: layers,
        lower: bare && ids.length > 0 ? lowerNames(ids).slice(0, -1) : lowerNames(ids),
        upper: {
          directory: `../containers/${containerId}/upper`,
          work: `../containers/${containerId}/work`,
        },
        // Without these a layer holds files that mean nothing without those below it.
        options: ['index=off', 'metacopy=off', 'redirect_dir=nofollow', ...(volatile ? ['volatile'] : [])],
      };
      if (!fits(overlay))
        throw new EngineError('badParameter', `too many layers: ${ids.length} do not fit into one mount`);
      // The mark of a volatile mount: the kernel refuses to mount again where it finds one.
      await rm(join(directory, 'work', 'work', 'incompat'), { recursive: true, force: true });
      await mountOverlay(overlay, merged).catch((error: Error) => {
        const missing = ids.find((id) => !existsSync(join(layers, layerName(id))));
        const reason = missing === undefined ? error.message : `layer ${missing} is missing below ${layers}`;
        throw new EngineError('internal', `cannot mount the root of the container: ${reason}`, {
          cause: error,
        });
      });
      return merged;
    },

    unmount: unmountRoot,

    async remove(containerId) {
      const directory = directoryOf(containerId);
      if (!existsSync(directory)) return;
      await unmountRoot(containerId);
      await rm(join(directory, 'work'), { recursive: true, force: true });
      // Most containers write nothing; what others wrote may be a lot, and is better removed outside of here.
      if (!(await removeEmpty(join(directory, 'merged'), join(directory, 'upper'), directory)))
        await run('rm', ['-rf', '--one-file-system', '--', directory]);
    },

    mountBelow: (ids) => mountReadOnly(lowerNames(ids)),
    mountLayers: (ids) => mountReadOnly(lowerNames(ids).slice(0, -1)),

    describe(containerId, ids) {
      const directory = directoryOf(containerId);
      const lower = [
        ...ids.map((id) => join(layers, layerName(id))).reverse(),
        join(overlayRoot(dataRoot), init),
      ];
      return {
        LowerDir: lower.join(':'),
        MergedDir: join(directory, 'merged'),
        UpperDir: join(directory, 'upper'),
        WorkDir: join(directory, 'work'),
      };
    },
  };
}

/** The directories below a root, the topmost first. Overlayfs refuses one that is there twice; the upper counts. */
function lowerNames(ids: readonly string[]): string[] {
  return [...new Set(ids.map(layerName).reverse()), `../${init}`];
}

/**
 * The lowest layer of every root: the places that the engine mounts things on, which would otherwise show up as
 * changes that the container made. It lies below the image, whose own files and modes come first.
 */
function makeInitLayer(path: string): void {
  if (existsSync(path)) return;
  const draft = `${path}.new`;
  rmSync(draft, { recursive: true, force: true });
  for (const name of ['', 'dev', 'dev/pts', 'dev/shm', 'etc', 'proc', 'sys']) {
    mkdirSync(join(draft, name));
    chmodSync(join(draft, name), 0o755);
  }
  for (const name of ['.dockerenv', 'dev/console', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf']) {
    writeFileSync(join(draft, name), '');
    chmodSync(join(draft, name), name.startsWith('etc/') ? 0o644 : 0o755);
  }
  symlinkSync('/proc/mounts', join(draft, 'etc/mtab'));
  renameSync(draft, path);
}

/** Removes directories as long as they are empty, and says whether all were. */
async function removeEmpty(...directories: string[]): Promise<boolean> {
  try {
    for (const directory of directories) await rmdir(directory);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOTEMPTY', 'ENOENT'].includes(String(error.code)))
      return false;
    throw error;
  }
}

/** Unmounts and removes what `mountBelow` made. */
async function putAway(root: string): Promise<void> {
  await unmount(root);
  await rmdir(root).catch(() => undefined);
}
