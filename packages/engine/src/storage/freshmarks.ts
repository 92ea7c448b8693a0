import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { bootId } from '../kernel/boot.ts';
import { syncFileSystem } from '../kernel/files.ts';
import { log } from '../log.ts';

/**
 * Marks of what was written, and may not have reached the disk yet.
 *
 * To wait for the disk before a layer counts would cost every load, pull and step of a build what the disk takes for
 * all that anybody has written: hundredths of a second for a root of 200 MB on the disk of a virtual machine (measured
 * after it was unpacked), seconds on a slow or a busy one. So nobody waits. A layer is marked before it is visible; the
 * file system is synced soon after, once for all that came meanwhile, and the marks are taken away. A journal keeps
 * the order of names: when a power cut leaves the database with a layer, it leaves its mark as well, and the engine
 * looks at that layer before it is used.
 */
export interface FreshMarks {
  /** Marks what is about to become visible, until it has reached the disk. */
  mark(name: string): Promise<void>;
  /** Takes a mark away with what it stood for. */
  forget(name: string): void;
  /** What was marked when the machine went down, and nobody has looked at since. */
  doubtful(): ReadonlySet<string>;
  /** Says that everything doubtful was looked at. */
  trustAll(): void;
}

/** Milliseconds in which more may come that is synced along. */
const gathering = 1000;

/** Opens the marks in a folder, which is on the file system that they speak of. */
export function openFreshMarks(
  folder: string,
  sync: (path: string) => Promise<void> = syncFileSystem,
): FreshMarks {
  mkdirSync(folder, { recursive: true, mode: 0o710 });
  const doubtful = new Set<string>();
  let waiting: string[] = [];
  let isBusy = false;

  const settle = async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      while (waiting.length > 0) {
        // An engine that ends meanwhile leaves the marks to the next one.
        await pause(gathering, undefined, { ref: false });
        const written = waiting;
        waiting = [];
        await sync(folder);
        // What was marked again meanwhile is not on the disk yet.
        const done = written.filter((name) => !waiting.includes(name));
        for (const name of done) rmSync(join(folder, name), { force: true });
      }
    } catch (error) {
      log.warn('the file system cannot be synced', { path: folder, error: messageOf(error) });
    } finally {
      isBusy = false;
    }
  };
  const expect = (name: string) => {
    waiting.push(name);
    void settle();
  };

  for (const name of readdirSync(folder)) {
    // What an engine wrote that ended without the machine is in the kernel's hands.
    if (readFileSync(join(folder, name), 'utf8') === bootId) expect(name);
    else doubtful.add(name);
  }

  return {
    async mark(name) {
      await writeFile(join(folder, name), bootId);
      expect(name);
    },
    forget(name) {
      doubtful.delete(name);
      rmSync(join(folder, name), { force: true });
    },
    doubtful: () => doubtful,
    trustAll() {
      for (const name of doubtful) expect(name);
      doubtful.clear();
    },
  };
}
