import { crc32, inflateRawSync } from 'node:zlib';
import { CommandError } from '../../exit.ts';

const localMark = 0x04034b50;
const centralMark = 0x02014b50;
const endMark = 0x06054b50;
const endLength = 22;
const longestComment = 0xffff;

/** Whether these are the first bytes of a zip archive. */
export function isZip(bytes: Buffer): boolean {
  return bytes.length >= endLength && bytes.readUInt32LE(0) === localMark;
}

/** The files of a zip archive, of `largest` bytes at most in all. Throws CommandError when it is damaged. */
export function readZip(archive: Buffer, largest: number): [name: string, content: Buffer][] {
  try {
    return centralDirectory(archive, largest);
  } catch (error) {
    throw new CommandError(`zip: not a valid zip file: ${(error as Error).message}`, 1, { cause: error });
  }
}

/** Reads by the list at the end of the archive, as APPNOTE.TXT has it (4.3.12 and 4.3.16). */
function centralDirectory(archive: Buffer, largest: number): [string, Buffer][] {
  const end = findEnd(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  let room = largest;
  const files: [string, Buffer][] = [];
  for (let index = 0; index < count; index++) {
    if (archive.readUInt32LE(at) !== centralMark) throw new Error('its directory is damaged');
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    if (!name.endsWith('/')) {
      const content = contentOf(archive, at, room);
      room -= content.length;
      files.push([name, content]);
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

function findEnd(archive: Buffer): number {
  const first = Math.max(0, archive.length - endLength - longestComment);
  for (let at = archive.length - endLength; at >= first; at--) {
    if (archive.readUInt32LE(at) === endMark) return at;
  }
  throw new Error('its end is missing');
}

function contentOf(archive: Buffer, entry: number, room: number): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const size = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  if (archive.readUInt32LE(local) !== localMark) throw new Error('a file is missing');
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + size);
  if (method !== 0 && method !== 8) throw new Error(`compression method ${method} is not supported`);
  const content = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: room });
  if (content.length > room) throw new Error('it is too large');
  if (crc32(content) !== archive.readUInt32LE(entry + 16)) throw new Error('a checksum is wrong');
  return content;
}
