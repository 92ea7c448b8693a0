import { blockSize, encodeEntry, makeBlock, type PaxRecord, plainAttributes } from './tar.ts';
import { createTarScanner, type TarEntry } from './tarscan.ts';

/** The tar of what overlayfs keeps of a container, on its way to a layer's tar. */
export interface LayerPacker {
  push(chunk: Buffer): void;
  end(): void;
  /** The layer's tar since the last call. */
  take(): Buffer[];
}

const steering = /^SCHILY\.xattr\.trusted\.overlay\./;
const opaque = 'SCHILY.xattr.trusted.overlay.opaque';
const inFields = /^(?:path|linkpath)$/;

/**
 * Translates for other engines what overlayfs writes for itself: a character device 0/0 becomes a whiteout, a
 * directory that hides what lies below it gets an opaque mark, and attributes that mean something to overlayfs
 * alone are taken out. It is what `createLayerTranslator` does, the other way round.
 */
export function createLayerPacker(): LayerPacker {
  let pieces: Buffer[] = [];
  let passes = true;

  const mark = (path: string) => pieces.push(encodeEntry([['path', path]], makeBlock('0', markAttributes)));

  const scanner = createTarScanner({
    entry(entry, raw) {
      passes = true;
      if (entry.type === '3' && entry.major === 0 && entry.minor === 0) {
        passes = false;
        const slash = entry.name.lastIndexOf('/') + 1;
        mark(`${entry.name.slice(0, slash)}.wh.${entry.name.slice(slash)}`);
      } else if (entry.records.some(([key]) => steering.test(key))) {
        pieces.push(withoutSteering(entry));
        const isOpaque = entry.records.some(([key, value]) => key === opaque && value === 'y');
        if (isOpaque) mark(`${entry.name.replace(/\/*$/, '/')}.wh..wh..opq`);
      } else pieces.push(...raw);
      return true;
    },
    content(piece) {
      if (passes) pieces.push(piece);
    },
    padding(piece) {
      if (passes) pieces.push(piece);
    },
    beside: () => undefined,
  });

  return {
    push: scanner.push,
    end() {
      scanner.end();
      pieces.push(Buffer.alloc(2 * blockSize));
    },
    take() {
      const taken = pieces;
      pieces = [];
      return taken;
    },
  };
}

const markAttributes = plainAttributes.replace('0000755', '0000600');

function withoutSteering({ name, linkname, records, block }: TarEntry): Buffer {
  const names: PaxRecord[] = [['path', name]];
  if (linkname !== '') names.push(['linkpath', linkname]);
  const kept = records.filter(([key]) => !steering.test(key) && !inFields.test(key));
  return encodeEntry([...kept, ...names], block);
}
