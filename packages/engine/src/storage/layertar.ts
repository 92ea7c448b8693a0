import { EngineError } from '../errors.ts';
import { createLayerNames } from './layernames.ts';
import type { Room } from './room.ts';
import {
  attributesOf,
  cleanPath,
  encodeEntry,
  makeBlock,
  type PaxRecord,
  plainAttributes,
  readableName,
  tarError,
} from './tar.ts';
import { createTarScanner, type TarEntry } from './tarscan.ts';

/** A layer's tar on its way to a directory that overlayfs can use. */
export interface LayerTranslator {
  /** Takes the next bytes of the layer's tar. */
  push(chunk: Buffer): void;
  /** Checks that the archive is complete and closes the translated one. */
  end(): void;
  /** The translated archive since the last call. */
  takeTar(): Buffer[];
  /**
   * The frame since the last call: the layer's tar without the contents of its plain files. Frame and directory
   * together give the same tar again, byte for byte: an image that is saved or pushed later needs one whose
   * digest is the DiffID.
   */
  takeFrame(): Buffer[];
  /** Bytes of content in the layer so far. */
  readonly size: number;
}

/** Marks of a layer's tar for what the layer takes away from those below. */
const whiteout = '.wh.';
const opaqueMark = '.wh..wh..opq';
const aufsOnly = '.wh..wh.';

const opaqueRecord: PaxRecord = ['SCHILY.xattr.trusted.overlay.opaque', 'y'];
/** Attributes by which overlayfs is steered: only the engine itself may set them. */
const forged = /^SCHILY\.xattr\.(?:trusted|user)\.overlay\./;
const useful = /^(?:size|uid|gid|mtime|GNU\.sparse\..*|SCHILY\.xattr\..*)$/s;

const boundless: Room = { bytes: Number.POSITIVE_INFINITY, files: Number.POSITIVE_INFINITY };
/** Files take whole blocks of a disk, and these are what most disks have. */
const diskBlock = 4096;

const known = new Set(['0', '1', '2', '3', '4', '5', '6', 'S']);

/** Collects views; views that touch become one, so that many small entries are written in one go. */
function createCollector(): { add(piece: Buffer): void; take(): Buffer[] } {
  let pieces: Buffer[] = [];
  return {
    add(piece) {
      if (piece.length === 0) return;
      const last = pieces.at(-1);
      if (last && last.buffer === piece.buffer && last.byteOffset + last.length === piece.byteOffset)
        pieces[pieces.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + piece.length);
      else pieces.push(piece);
    },
    take() {
      const taken = pieces;
      pieces = [];
      return taken;
    },
  };
}

/** Whether the content of an entry can be read again from the unpacked layer, and is left out of the frame. */
export function isInDirectory(entry: TarEntry): boolean {
  if (entry.type !== '0' || isDirectory(entry)) return false;
  if (entry.records.some(([key]) => key.startsWith('GNU.sparse.'))) return false;
  return !cleanPath(entry.name)
    .split('/')
    .some((part) => part.startsWith(whiteout));
}

/**
 * Translates a layer's tar (OCI image layer) for `tar` and overlayfs: whiteouts become character devices 0/0,
 * opaque directories get overlayfs' attribute, names that lead out are refused, and what only the engine may
 * set (attributes and devices that mean something to overlayfs) is taken out. Everything else passes as it is.
 * A layer that does not fit into `room` is refused before it fills the disk.
 */
export function createLayerTranslator(room: Room = boundless): LayerTranslator {
  const tar = createCollector();
  const frame = createCollector();
  /** Attributes of the directories so far: an opaque mark comes after its directory, which is then told again. */
  const directories = new Map<string, { attributes: string; records: PaxRecord[] }>();
  const opaque = new Set<string>();
  const names = createLayerNames();
  let size = 0;
  let blocks = 0;
  let entries = 0;
  let passes = true;
  let framed = false;

  const makeOpaque = (path: string) => {
    opaque.add(path);
    const { attributes, records } = directories.get(path) ?? { attributes: plainAttributes, records: [] };
    const named: PaxRecord = ['path', `./${path}`];
    tar.add(encodeEntry([...records, named, opaqueRecord], makeBlock('5', attributes)));
  };

  /** Puts one entry into the translated archive, returns whether its content goes there too. */
  const translate = (entry: TarEntry, raw: Buffer[]): boolean => {
    if (entry.type === 'V') return false;
    if (!known.has(entry.type)) throw tarError(`unhandled tar header type ${entry.type.charCodeAt(0)}`);
    const path = cleanPath(entry.name);
    const directory = isDirectory(entry);
    if (!directory && path === '') throw tarError('its root is no directory');
    if (directory && entry.size > 0)
      throw tarError(`the directory "${readableName(entry.name)}" has content`);
    const parts = path.split('/');
    const base = parts.pop() ?? '';
    const parent = parts.join('/');
    if (base === opaqueMark) {
      names.folder(parent);
      makeOpaque(parent);
      return false;
    }
    if (base.startsWith(aufsOnly) || parts.some((part) => part.startsWith(aufsOnly))) return false;
    if (base.startsWith(whiteout)) {
      const hidden = base.slice(whiteout.length);
      if (hidden === '' || hidden === '.' || hidden === '..')
        throw tarError(`"${readableName(entry.name)}" is no whiteout`);
      names.folder(parent).forEach(makeOpaque);
      const path = parent === '' ? hidden : `${parent}/${hidden}`;
      const here = names.whiteout(path);
      if (here === 'folder') makeOpaque(path);
      if (here !== 'nothing') return false;
      const named: PaxRecord = ['path', `${parent === '' ? '.' : parent}/${hidden}`];
      tar.add(encodeEntry([named], makeBlock('3', attributesOf(entry.block))));
      return false;
    }
    if (entry.type === '3' && entry.major === 0 && entry.minor === 0) return false;
    // What was taken away and is a directory after all hides all that is below.
    (directory ? names.folder(path) : names.other(path)).forEach(makeOpaque);
    pass(entry, raw, path);
    return true;
  };

  const pass = (entry: TarEntry, raw: Buffer[], path: string) => {
    const directory = isDirectory(entry);
    const records = entry.records.filter(([key]) => useful.test(key) && !forged.test(key));
    if (directory) {
      directories.set(path, { attributes: attributesOf(entry.block), records });
      if (opaque.has(path)) records.push(opaqueRecord);
    }
    const named = plainName(entry.name, path) ? entry.name : `./${path}${directory ? '/' : ''}`;
    const link = entry.type === '1' ? cleanPath(entry.linkname) : entry.linkname;
    if (link.includes('\0')) throw tarError('a link holds a NUL byte');
    const asItIs =
      entry.simple &&
      named === entry.name &&
      !(directory && opaque.has(path)) &&
      (entry.type !== '1' || plainName(entry.linkname, link)) &&
      // tar takes a device's numbers from POSIX headers only, the entry here has them from any.
      entry.type !== '3' &&
      entry.type !== '4';
    if (asItIs) {
      for (const block of raw) tar.add(block);
      return;
    }
    const names: PaxRecord[] = [['path', named]];
    if (entry.linkname !== '') names.push(['linkpath', link]);
    tar.add(encodeEntry([...records.filter(([key]) => key !== 'GNU.sparse.name'), ...names], entry.block));
    for (const block of entry.type === 'S' ? raw.slice(raw.indexOf(entry.block) + 1) : []) tar.add(block);
  };

  const scanner = createTarScanner({
    entry(entry, raw) {
      for (const block of raw) frame.add(block);
      // Links count with the paths that they hold, as a file system counts them.
      size += entry.type === '2' ? Buffer.byteLength(entry.linkname) : entry.size;
      blocks += Math.ceil(entry.size / diskBlock);
      entries += 1;
      if (blocks * diskBlock > room.bytes || entries > room.files)
        throw new EngineError('internal', `no space left on device for a layer of at least ${size} bytes`);
      passes = translate(entry, raw);
      framed = !isInDirectory(entry);
      return true;
    },
    content(piece) {
      if (passes) tar.add(piece);
      if (framed) frame.add(piece);
    },
    padding(piece) {
      if (passes) tar.add(piece);
      frame.add(piece);
    },
    beside: frame.add,
  });

  return {
    push: scanner.push,
    end() {
      scanner.end();
      tar.add(Buffer.alloc(1024));
    },
    takeTar: tar.take,
    takeFrame: frame.take,
    get size() {
      return size;
    },
  };
}

/** Archives from before POSIX tell a directory by the slash behind its name. */
function isDirectory(entry: TarEntry): boolean {
  return entry.type === '5' || (entry.type === '0' && entry.name.endsWith('/'));
}

/** Whether a name reaches `path` as it is written: relative and without "..". */
function plainName(name: string, path: string): boolean {
  if (path === '') return name === '.' || name === './';
  return !name.startsWith('/') && !/(?:^|\/)\.\.(?:\/|$)/.test(name);
}
