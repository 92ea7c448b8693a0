import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { run } from '../process.ts';
import { errorCode } from './hold.ts';
import { sizeOf } from './usage.ts';

/** The folders of volumes. */
export interface VolumeFolders {
  /** The files of a volume, whether they are there or not. */
  path(name: string): string;
  /** Makes the folder of a volume unless it is there. */
  make(name: string): Promise<void>;
  /** Names of all volumes that have a folder. */
  names(): Promise<string[]>;
  /** Takes a volume's folder away, if there is one. It is out of sight at once, however much is in it. */
  remove(name: string): Promise<void>;
  /** Removes what an engine before this one had begun to remove or to fill. */
  clear(): Promise<void>;
  /** Bytes in the files of a volume. */
  size(name: string): Promise<number>;
  /** A folder beside that of a volume, on the same file system, for what is not to be seen yet. */
  stage(name: string): Promise<string>;
}

/** No volume can be called so. */
const removed = '.removed-';
const filling = '.filling-';

/** Opens the volumes below `dataRoot`: `volumes/NAME/_data`. */
export function createVolumeFolders({ dataRoot }: { dataRoot: string }): VolumeFolders {
  const folder = join(dataRoot, 'volumes');
  mkdirSync(folder, { recursive: true, mode: 0o701 });
  const path = (name: string) => join(folder, name, '_data');

  // Nothing that is mounted somewhere below is reached into.
  const erase = (target: string) => run('rm', ['-rf', '--one-file-system', '--', target]);

  return {
    path,
    async make(name) {
      await mkdir(join(folder, name), { recursive: true, mode: 0o701 });
      await mkdir(path(name)).then(
        // Whatever the engine's umask is.
        () => chmod(path(name), 0o755),
        (error: unknown) => {
          if (errorCode(error) !== 'EEXIST') throw error;
        },
      );
    },
    async names() {
      const names = await readdir(folder);
      const found = await Promise.all(
        names.map(async (name) => {
          const stats = name.startsWith('.') ? null : await stat(path(name)).catch(() => null);
          return stats?.isDirectory() ? [name] : [];
        }),
      );
      return found.flat();
    },
    async remove(name) {
      const aside = join(folder, `${removed}${randomBytes(8).toString('hex')}`);
      try {
        await rename(join(folder, name), aside);
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return;
        throw error;
      }
      await erase(aside);
    },
    async clear() {
      const drafts = (await readdir(folder)).map(async (name) => {
        if (name.startsWith(removed)) return [join(folder, name)];
        const inside = await readdir(join(folder, name)).catch(() => []);
        return inside.filter((part) => part.startsWith(filling)).map((part) => join(folder, name, part));
      });
      for (const draft of (await Promise.all(drafts)).flat()) {
        await erase(draft).catch((error: unknown) => log.warn(`cannot remove ${draft}: ${messageOf(error)}`));
      }
    },
    size: (name) => sizeOf(path(name)),
    async stage(name) {
      const stage = join(folder, name, `${filling}${randomBytes(8).toString('hex')}`);
      await mkdir(stage, { mode: 0o700 });
      return stage;
    },
  };
}
