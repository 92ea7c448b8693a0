import { fstatSync, readdirSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { EngineError } from '../errors.ts';
import { run } from '../process.ts';
import { access, errorCode, hold } from './hold.ts';

export interface FillTarget {
  /** The folder that is filled, held or by its path. */
  path: string;
  /**
   * Makes a folder on the same file system: the copy is made there and takes the target's place when it is whole.
   * Without it the copy is made in the target itself.
   */
  stage?: () => Promise<string>;
}

/**
 * Copies all that a root has in a folder into an empty one: owners, modes, times, extended attributes, links and
 * hard links, and the attributes of the folder itself. Does nothing when there is no such folder, or when the
 * target is not empty. The root's files are not to be trusted: no link in it leads out of it.
 */
export async function fillFolder(root: string, path: string, target: FillTarget): Promise<void> {
  const source = hold({ root, mounts: [] }, path);
  try {
    if (!source.stats) return;
    if (!source.stats.isDirectory()) {
      const message = `cannot mount volume over existing file, file exists ${path}`;
      throw new EngineError('badParameter', message);
    }
    if (readdirSync(target.path).length > 0) return;
    const from = `/proc/${process.pid}/fd/${source.descriptor}/.`;
    if (isEmptyAndPlain(source.descriptor, target.path)) return;
    if (!target.stage) {
      await copy(from, target.path);
      return;
    }
    const stage = await target.stage();
    try {
      await copy(from, stage);
      // Takes the place of a folder only when that is still empty.
      await rename(stage, target.path);
    } catch (error) {
      if (errorCode(error) !== 'ENOTEMPTY') throw error;
    } finally {
      await rm(stage, { recursive: true, force: true });
    }
  } finally {
    source.close();
  }
}

/** Whether there is nothing to copy, not even an owner or a mode. */
function isEmptyAndPlain(source: number, target: string): boolean {
  if (readdirSync(access(source)).length > 0) return false;
  const [one, other] = [fstatSync(source), statSync(target)];
  return one.uid === other.uid && one.gid === other.gid && one.mode === other.mode;
}

const copy = (from: string, to: string) => run('cp', ['--archive', '--no-target-directory', '--', from, to]);
