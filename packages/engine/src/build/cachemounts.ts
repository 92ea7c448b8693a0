import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import type { BuildStore } from '../state/builds.ts';
import { extract } from '../storage/extract.ts';
import { sizeOf } from '../storage/usage.ts';
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
  ): Promise<{ key: string; directory: string; release(): void }>;
  /** Whether someone uses the folder of a record. */
  isUsed(key: string): boolean;
  /** Bytes in the folder of a record. */
  measure(key: string): Promise<number>;
  /** Removes the folder of a record that nobody uses. It is out of sight before this returns. */
  remove(key: string): Promise<void>;
  /** Removes the folders that no record tells of, and what was being removed when an engine was killed. */
  removeAllBut(keys: ReadonlySet<string>): Promise<void>;
}

const prefix = 'mount-';
export const isCacheMount = (key: string): boolean => key.startsWith(prefix);

export function createCacheMounts(dataRoot: string, store: BuildStore): CacheMounts {
  const root = join(dataRoot, 'build', 'mounts');
  /** How many use a folder, and what is called when one lets go. */
  const users = new Map<string, { count: number; waiting: (() => void)[] }>();
  const trash = join(dataRoot, 'build', 'trash');
  for (const folder of [root, trash]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = (key: string) => join(root, key);
  /** Folders that are being made, for those who come meanwhile. */
  const making = new Map<string, Promise<void>>();

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

  /** Waits until nobody else uses a folder; of several who wait, one gets it. */
  const acquireAlone = async (key: string, signal: AbortSignal): Promise<{ release(): void }> => {
    for (;;) {
      const user = users.get(key);
      if (!user) return acquire(key);
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

  const prepare = async (
    key: string,
    mount: RunMount,
    target: string,
    first: (() => AsyncIterable<Buffer>) | null,
  ): Promise<void> => {
    const directory = path(key);
    const now = new Date().toISOString();
    if (store.get(key) && existsSync(directory)) return store.touch([key], now);
    await make(directory, mount, first);
    store.put({
      ...{ key, kind: 'exec.cachemount', diffId: null, size: 0, seconds: 0 },
      ...{ created: now, lastUsed: now, uses: 1 },
      description: `cached mount ${target}${mount.id === '' ? '' : ` with id ${JSON.stringify(mount.id)}`}`,
    });
  };

  return {
    isUsed: (key) => users.has(key),
    measure: (key) => sizeOf(path(key)),
    async remove(key) {
      const away = join(trash, randomBytes(12).toString('hex'));
      if (!existsSync(path(key))) return;
      renameSync(path(key), away);
      await rm(away, { recursive: true, force: true });
    },
    async removeAllBut(keys) {
      const strays = readdirSync(root).filter((name) => !keys.has(name));
      const paths = [...strays.map(path), ...readdirSync(trash).map((name) => join(trash, name))];
      await Promise.all(paths.map((one) => rm(one, { recursive: true, force: true })));
    },

    async open(mount, target, first, signal) {
      const id = mount.id === '' ? target : mount.id;
      const keys = (number: number) =>
        `${prefix}${keyOf(id, mount.uid, mount.gid, mount.mode, number).slice(0, 32)}`;
      let key = keys(0);
      // One that is private goes to a free folder, a new one if need be.
      if (mount.sharing === 'private') for (let number = 1; users.has(key); number += 1) key = keys(number);
      const { release } = mount.sharing === 'locked' ? await acquireAlone(key, signal) : acquire(key);
      try {
        const made = making.get(key) ?? prepare(key, mount, target, first);
        making.set(key, made);
        await made.finally(() => making.delete(key));
        return { key, directory: path(key), release };
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
