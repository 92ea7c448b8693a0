import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import type { BuildStore } from '../state/builds.ts';
import { extract } from '../storage/extract.ts';
import { keyOf } from './cache.ts';
import type { RunMount } from './dockerfile/mount.ts';

/** Folders that RUN finds again the next time, by their IDs. */
export interface CacheMounts {
  /** Lends a folder; `first` gives the content of one that is new. */
  open(
    mount: RunMount,
    target: string,
    first: (() => AsyncIterable<Buffer>) | null,
    signal: AbortSignal,
  ): Promise<{ directory: string; release(): void }>;
  /** Whether someone uses the folder of a record. */
  isUsed(key: string): boolean;
  path(key: string): string;
  remove(key: string): Promise<void>;
}

const prefix = 'mount-';
export const isCacheMount = (key: string): boolean => key.startsWith(prefix);

export function createCacheMounts(dataRoot: string, store: BuildStore): CacheMounts {
  const root = join(dataRoot, 'build', 'mounts');
  /** How many use a folder, and what is called when one lets go. */
  const users = new Map<string, { count: number; waiting: (() => void)[] }>();
  const path = (key: string) => join(root, key);

  const acquire = (key: string): { release(): void } => {
    const user = users.get(key) ?? { count: 0, waiting: [] };
    users.set(key, user);
    user.count += 1;
    let isReleased = false;
    return {
      release() {
        if (isReleased) return;
        isReleased = true;
        user.count -= 1;
        if (user.count === 0) users.delete(key);
        for (const resume of user.waiting.splice(0)) resume();
      },
    };
  };

  const free = async (key: string, signal: AbortSignal): Promise<void> => {
    for (let user = users.get(key); user; user = users.get(key)) {
      const { waiting } = user;
      await new Promise<void>((resolve, reject) => {
        const stop = () => reject(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
        waiting.push(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        });
      });
    }
  };

  return {
    path,
    isUsed: (key) => users.has(key),
    remove: (key) => rm(path(key), { recursive: true, force: true }),

    async open(mount, target, first, signal) {
      const id = mount.id === '' ? target : mount.id;
      const keys = (number: number) =>
        `${prefix}${keyOf(id, mount.uid, mount.gid, mount.mode, number).slice(0, 32)}`;
      let key = keys(0);
      if (mount.sharing === 'locked') await free(key, signal);
      // One that is private goes to a free folder, a new one if need be.
      if (mount.sharing === 'private') for (let number = 1; users.has(key); number += 1) key = keys(number);
      const { release } = acquire(key);
      try {
        const directory = path(key);
        const now = new Date().toISOString();
        if (store.get(key)) store.touch([key], now);
        else {
          await make(directory, mount, first);
          store.put({
            ...{
              key,
              kind: 'exec.cachemount',
              diffId: null,
              size: 0,
              created: now,
              lastUsed: now,
              uses: 1,
              seconds: 0,
            },
            description: `cached mount ${target}${mount.id === '' ? '' : ` with id ${JSON.stringify(mount.id)}`}`,
          });
        }
        return { directory, release };
      } catch (error) {
        release();
        throw new EngineError('internal', `cannot prepare the cache mount ${target}`, { cause: error });
      }
    },
  };
}

async function make(
  directory: string,
  { mode, uid, gid }: RunMount,
  first: (() => AsyncIterable<Buffer>) | null,
): Promise<void> {
  // What a crash has left half made.
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first)
    await extract({ root: directory, mounts: [] }, '/', first(), {
      ...{ keepKinds: false, owner: null, readOnly: false },
    });
  await chmod(directory, mode ?? 0o755);
  await chown(directory, uid, gid);
}
