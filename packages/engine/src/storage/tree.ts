import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { EngineError } from '../errors.ts';

/** Files below a directory whose content is not to be trusted. */
export interface TreeReader {
  /** Opens a plain file of exactly this size; whoever opens it closes it. Throws when it is anything else. */
  open(path: string, size: number): number;
  close(): void;
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const fileFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads files of a layer without ever following a link. The folders on the way to the last file are held open,
 * as the next one is most often beside it. Paths are clean, and bytes as latin1 text.
 */
export function createTreeReader(root: string): TreeReader {
  const held: { name: string; descriptor: number }[] = [
    { name: '', descriptor: openSync(root, folderFlags) },
  ];
  const below = (name: string, flags: number): number => {
    const folder = Buffer.from(`/proc/self/fd/${held.at(-1)?.descriptor}/`);
    return openSync(Buffer.concat([folder, Buffer.from(name, 'latin1')]), flags);
  };
  return {
    open(path, size) {
      const folders = path.split('/');
      const name = folders.pop() ?? '';
      let same = 0;
      while (same < folders.length && held[same + 1]?.name === folders[same]) same++;
      for (const { descriptor } of held.splice(same + 1)) closeSync(descriptor);
      for (const folder of folders.slice(same))
        held.push({ name: folder, descriptor: below(folder, folderFlags) });
      const descriptor = below(name, fileFlags);
      const stats = fstatSync(descriptor);
      if (stats.isFile() && stats.size === size) return descriptor;
      closeSync(descriptor);
      throw new EngineError('internal', `the file ${path} of a layer is not what it was`);
    },
    close() {
      for (const { descriptor } of held.splice(0)) closeSync(descriptor);
    },
  };
}
