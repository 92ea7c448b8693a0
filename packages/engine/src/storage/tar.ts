import { EngineError } from '../errors.ts';

/** Tar archives are made of blocks of this size. */
export const blockSize = 512;

/** One record of a pax header. Bytes are kept as latin1 text, so that names and values survive untouched. */
export type PaxRecord = [key: string, value: string];

/** What a header block says; text is latin1, a character for each byte. */
export interface TarHeader {
  name: string;
  linkname: string;
  /** The type flag, "0" for a regular file of any age. */
  type: string;
  size: number;
  major: number;
  minor: number;
}

/** An archive that is broken, or that tries something no honest archive does. */
export function tarError(problem: string): EngineError {
  return new EngineError('badParameter', `invalid tar archive: ${problem}`);
}

/** A name out of an archive, for people: its bytes read as UTF-8. */
export function readableName(name: string): string {
  return Buffer.from(name, 'latin1').toString();
}

function textField(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString('latin1', start, end === -1 || end > start + length ? start + length : end);
}

function numberField(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if (first & 0x80) {
    const digits = Buffer.from(block.subarray(start, start + length));
    digits[0] = first & 0x7f;
    const value = BigInt(`0x${digits.toString('hex')}`);
    if (first & 0x40 || value > Number.MAX_SAFE_INTEGER) throw tarError('a number is out of range');
    return Number(value);
  }
  const [, digits] = /^[ \0]*([0-7]*)(?:[ \0]|$)/.exec(block.toString('latin1', start, start + length)) ?? [];
  if (digits === undefined) throw tarError('a number is not octal');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** The sum that a header block must carry: its own field counts as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockSize; at++) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

/** Reads a header block, or returns null for a block of zeros: the end of the archive. */
export function parseHeader(block: Buffer): TarHeader | null {
  const sum = checksum(block);
  if (sum === 8 * 0x20 && block.every((byte) => byte === 0)) return null;
  if (numberField(block, 148, 8) !== sum) throw tarError('a header has a wrong checksum');
  const name = textField(block, 0, 100);
  const posix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = posix ? textField(block, 345, 155) : '';
  const type = block.toString('latin1', 156, 157);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkname: textField(block, 157, 100),
    type: type === '\0' || type === '7' ? '0' : type,
    size: numberField(block, 124, 12),
    major: numberField(block, 329, 8),
    minor: numberField(block, 337, 8),
  };
}

/** Reads the records of a pax header. */
export function parsePax(body: Buffer): PaxRecord[] {
  const text = body.toString('latin1');
  const records: PaxRecord[] = [];
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(' ', at);
    const digits = text.slice(at, space);
    const end = at + Number(digits);
    const equals = text.indexOf('=', space);
    if (space === -1 || !/^\d{1,9}$/.test(digits) || text[end - 1] !== '\n' || equals === -1 || equals >= end)
      throw tarError('a pax header cannot be read');
    records.push([text.slice(space + 1, equals), text.slice(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

function encodePax(records: PaxRecord[]): Buffer {
  const lines = records.map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length + 1;
    while (String(length).length + rest.length > length) length++;
    return `${length}${rest}`;
  });
  return Buffer.from(lines.join(''), 'latin1');
}

/** The bytes that fill up the last block of a content of `size` bytes. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

function octal(block: Buffer, value: number, start: number, length: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, start, 'latin1');
}

/**
 * The fields of a header that say whose a file is: mode, owner, group and time, as they stand in the block. A
 * directory's can be kept this way and put into another header later.
 */
export const attributesOf = (block: Buffer): string =>
  block.toString('latin1', 100, 124) + block.toString('latin1', 136, 148);

/** Whose a file is and since when, as numbers. */
export interface FileAttributes {
  /** Without the bits that tell its type. */
  mode: number;
  uid: number;
  gid: number;
  /** Seconds of Unix time. */
  mtime: number;
}

/** The attributes that an entry's header block and the records of its pax header give. */
export function fileAttributes(block: Buffer, records: readonly PaxRecord[]): FileAttributes {
  const last = (key: string, pattern: RegExp): number | null => {
    const value = records.findLast((record) => record[0] === key)?.[1];
    if (value === undefined) return null;
    if (!pattern.test(value)) throw tarError(`${key} is not a number`);
    return Number(value);
  };
  return {
    mode: numberField(block, 100, 8) & 0o7777,
    uid: last('uid', /^\d{1,15}$/) ?? numberField(block, 108, 8),
    gid: last('gid', /^\d{1,15}$/) ?? numberField(block, 116, 8),
    mtime: last('mtime', /^-?\d{1,15}(?:\.\d*)?$/) ?? numberField(block, 136, 12),
  };
}

/** The attributes of a directory that an archive takes for granted: root's, 0755. */
export const plainAttributes = '0000755\x000000000\x000000000\x0000000000000\0';

const plainFile = plainAttributes.replace('0000755', '0000644');

/** A header block without a name: names, long or short, travel in the pax header of `encodeEntry`. */
export function makeBlock(type: string, attributes: string): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(attributes.slice(0, 24), 100, 'latin1');
  octal(block, 0, 124, 12);
  block.write(attributes.slice(24), 136, 'latin1');
  block.write(type, 156, 'latin1');
  octal(block, 0, 329, 8);
  octal(block, 0, 337, 8);
  return block;
}

/**
 * The blocks of one entry: a pax header with `records`, then `block` with its checksum made right. The block's
 * own name, and what GNU keeps behind it, give way to the records.
 */
export function encodeEntry(records: PaxRecord[], block: Buffer): Buffer {
  const body = encodePax(records);
  const extended = makeBlock('x', plainAttributes);
  extended.write('pax', 0, 'latin1');
  octal(extended, body.length, 124, 12);
  const main = Buffer.from(block);
  // Old GNU sparse files keep their map where a POSIX header has its prefix.
  if (main.toString('latin1', 156, 157) !== 'S') main.fill(0, 345, blockSize);
  // What has no content must not claim any: readers disagree on whether to skip it.
  if (/[1-6]/.test(main.toString('latin1', 156, 157))) octal(main, 0, 124, 12);
  for (const one of [extended, main]) {
    if (one.toString('latin1', 156, 157) !== 'S') one.write('ustar\x0000', 257, 'latin1');
    one.write(`${checksum(one).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return Buffer.concat([extended, body, Buffer.alloc(paddingOf(body.length)), main]);
}

const largestOctal = 8 ** 11;

/** The blocks before the content of a file, or of a directory, with a short name of our own making. */
export function encodeHeader(name: string, type: '0' | '5', size: number): Buffer {
  const block = makeBlock(type, type === '5' ? plainAttributes : plainFile);
  if (size >= largestOctal)
    return encodeEntry(
      [
        ['path', name],
        ['size', String(size)],
      ],
      block,
    );
  block.write(name, 0, 'latin1');
  octal(block, size, 124, 12);
  block.write('ustar\x0000', 257, 'latin1');
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/**
 * The path that a name in an archive stands for, below the root it is unpacked into: no leading slash, no "."
 * and "..", "" for the root itself. A name that would leave the root is refused.
 */
export function cleanPath(name: string): string {
  if (name.includes('\0')) throw tarError('a name holds a NUL byte');
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined)
      throw tarError(`"${readableName(name)}" leads out of the directory it is unpacked into`);
  }
  return parts.join('/');
}
