import { EngineError } from '../errors.ts';
import { readableName } from '../storage/tar.ts';
import type { TarEntry } from '../storage/tarscan.ts';

/** More names than this are no build context. */
const mostEntries = 2_000_000;

/** What a build context is held to while it comes in; both throw `badParameter`. */
export interface ContextCheck {
  /** Looks at an entry before it is made. */
  entry(entry: TarEntry): void;
  /** Counts bytes of the archive, whatever they mean: all of them take up room. */
  bytes(count: number): void;
}

/** Throws `badParameter` when the files of a context up to this one have more bytes than there is room for. */
export function checkContent(path: string, content: number, room: number): void {
  if (content <= room) return;
  throw new EngineError(
    'badParameter',
    `the build context is too large: with ${JSON.stringify(path)} it has ${content} bytes, and there is room for ${room}`,
  );
}

/** Makes the check of one context, for which there are `room` bytes on the disk. */
export function createContextCheck(room: number): ContextCheck {
  let content = 0;
  let entries = 0;
  let archive = 0;
  return {
    entry({ type, name, size }) {
      const shown = readableName(name);
      if (type === '3' || type === '4')
        throw new EngineError(
          'badParameter',
          `the build context holds a device, ${JSON.stringify(shown)}: leave it out`,
        );
      content += type === '0' ? size : 0;
      entries += 1;
      checkContent(shown, content, room);
      if (entries > mostEntries)
        throw new EngineError('badParameter', `the build context has more than ${mostEntries} files`);
    },
    bytes(count) {
      archive += count;
      if (archive > room)
        throw new EngineError(
          'badParameter',
          `the build context is too large: its archive has more than ${room} bytes, and there is room for no more`,
        );
    },
  };
}
