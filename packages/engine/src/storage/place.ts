import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { messageOf } from '../errors.ts';
import { makeNode, setExtendedAttribute } from '../kernel/files.ts';
import { log } from '../log.ts';
import { access, below, errorCode, openName } from './hold.ts';
import type { FileAttributes, PaxRecord } from './tar.ts';

/*
 * What is put into a folder of a container. The folder is held by its descriptor, everything in it may be something
 * else a moment later: nothing here follows a name that is in it.
 */

/** Makes a file that was not there, open for writing. */
export function createFile(folder: number, name: string): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return openSync(below(folder, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
}

/** Makes a folder unless it is there; gives it attributes. */
export function placeFolder(folder: number, name: string, attributes: FileAttributes): void {
  try {
    mkdirSync(below(folder, name), 0o700);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  withName(folder, name, constants.O_DIRECTORY, (descriptor) => setAttributes(descriptor, attributes));
}

/** Gives something that is held its owner and mode. */
export function setAttributes(descriptor: number, { uid, gid, mode }: FileAttributes): void {
  const path = access(descriptor);
  chownSync(path, uid, gid);
  // After the owner, whose change takes away setuid bits.
  chmodSync(path, mode);
}

/** Gives something that is held its time. */
export function setTime(descriptor: number, { mtime }: FileAttributes): void {
  utimesSync(access(descriptor), mtime, mtime);
}

/** Gives a folder its time, if it still is one. */
export function setFolderTime(folder: number, name: string, attributes: FileAttributes): void {
  withName(folder, name, constants.O_DIRECTORY, (descriptor) => setTime(descriptor, attributes));
}

export function placeLink(folder: number, name: string, target: string, attributes: FileAttributes): void {
  const path = below(folder, name);
  symlinkSync(target, path);
  lchownSync(path, attributes.uid, attributes.gid);
  lutimesSync(path, attributes.mtime, attributes.mtime);
}

/** Gives a file one more name; what stands under `oldName` is not followed. */
export function placeHardLink(oldFolder: number, oldName: string, folder: number, name: string): void {
  linkSync(below(oldFolder, oldName), below(folder, name));
}

/** Makes a device (`c`, `b`) or a named pipe (`p`). */
export function placeDevice(
  folder: number,
  name: string,
  device: { type: 'c' | 'b' | 'p'; major: number; minor: number },
  attributes: FileAttributes,
): void {
  makeNode(below(folder, name), device.type, device.major, device.minor);
  withName(folder, name, 0, (descriptor) => {
    const stats = fstatSync(descriptor);
    // Another file may have taken its place meanwhile, and a link is never to be followed.
    if (!stats.isFIFO() && !stats.isCharacterDevice() && !stats.isBlockDevice()) return;
    setAttributes(descriptor, attributes);
    setTime(descriptor, attributes);
  });
}

function withName(folder: number, name: string, flags: number, use: (descriptor: number) => void): void {
  const O_PATH = 0x200000;
  const descriptor = openSync(below(folder, name), O_PATH | constants.O_NOFOLLOW | flags);
  try {
    use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes a name from a folder, with all that is below it. */
export function removeName(folder: number, name: string): void {
  const path = below(folder, name);
  const descriptor = openName(folder, name);
  if (descriptor === null) return;
  try {
    if (!fstatSync(descriptor).isDirectory()) {
      unlinkSync(path);
      return;
    }
    for (const inner of readdirSync(access(descriptor))) removeName(descriptor, inner);
  } finally {
    closeSync(descriptor);
  }
  rmdirSync(path);
}

const prefix = 'SCHILY.xattr.';
/** What steers overlayfs or belongs to the host's security is nobody's to bring along. */
const refused = /^(?:trusted\.|user\.overlay\.|security\.(?:selinux|ima|evm)$)/;

/** The extended attributes that an entry brings along. */
export const extendedAttributes = (records: readonly PaxRecord[]): PaxRecord[] =>
  records.filter(([key]) => key.startsWith(prefix) && !refused.test(key.slice(prefix.length)));

/** Gives a file that is open its extended attributes, but for those that the file system does not have. */
export function setExtendedAttributes(descriptor: number, records: readonly PaxRecord[]): void {
  for (const [key, value] of records) {
    try {
      setExtendedAttribute(access(descriptor), key.slice(prefix.length), value);
    } catch (error) {
      log.warn('an extended attribute is lost', { error: messageOf(error) });
    }
  }
}
