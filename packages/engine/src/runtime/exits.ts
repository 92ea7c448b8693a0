import { type FSWatcher, mkdirSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { basename, join } from 'node:path';

/** The exit codes that monitors leave behind, each once, whether the engine was there or not. */
export interface ExitStore {
  /** Where the monitor of a container writes. */
  readonly containers: string;
  /** Makes the folder where the monitor of an exec writes: conmon names the file after the container there, too. */
  prepareExec(execId: string): string;
  /** The exit code of a container or exec that has ended. */
  read(id: string): number | null;
  /** Calls `listener` for all that have ended by now and all that end from now on. */
  watch(listener: (id: string, code: number) => void): () => void;
  remove(id: string): void;
}

/** Makes the store in `folder`: a file named after a container, a folder named after an exec. */
export function createExitStore(folder: string): ExitStore {
  mkdirSync(folder, { recursive: true });
  const listeners = new Set<(id: string, code: number) => void>();
  const watchers = new Map<string, FSWatcher>();
  const told = new Set<string>();

  const read = (id: string): number | null => {
    const path = join(folder, id);
    return readCode(path) ?? readCode(join(path, firstFile(path) ?? ''));
  };
  const tell = (id: string) => {
    if (told.has(id) || isTemporary(id)) return;
    const code = read(id);
    if (code === null) return;
    told.add(id);
    watchers.get(id)?.close();
    watchers.delete(id);
    for (const listener of listeners) listener(id, code);
  };
  const follow = (id: string) => {
    if (watchers.has(id) || told.has(id) || listeners.size === 0) return;
    watchers.set(
      id,
      watch(join(folder, id), () => tell(id)),
    );
    tell(id);
  };
  return {
    containers: folder,
    prepareExec(execId) {
      mkdirSync(join(folder, execId), { recursive: true });
      follow(execId);
      return join(folder, execId);
    },
    read,
    watch(listener) {
      listeners.add(listener);
      if (!watchers.has('')) {
        watchers.set(
          '',
          watch(folder, (_, name) => name && tell(basename(name))),
        );
      }
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const code = read(entry.name);
        if (code !== null) {
          told.add(entry.name);
          listener(entry.name, code);
        } else if (entry.isDirectory()) follow(entry.name);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        for (const watcher of watchers.values()) watcher.close();
        watchers.clear();
      };
    },
    remove(id) {
      watchers.get(id)?.close();
      watchers.delete(id);
      told.delete(id);
      rmSync(join(folder, id), { recursive: true, force: true });
    },
  };
}

/** conmon writes a file of such a name first and renames it, so that a code is never read half. */
function isTemporary(name: string): boolean {
  return name.includes('.');
}

function readCode(path: string): number | null {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^-?\d+$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}

function firstFile(folder: string): string | undefined {
  try {
    return readdirSync(folder).find((name) => !isTemporary(name));
  } catch {
    return undefined;
  }
}
