import { closeSync, constants, openSync } from 'node:fs';
import { libc, onThread, throwErrno } from './libc.ts';

const { S_IFCHR, S_IFIFO } = constants;
const S_IFBLK = 0o60000;
const kinds = { c: S_IFCHR, b: S_IFBLK, p: S_IFIFO } as const;

/** Makes a device (`c`, `b`) or a named pipe (`p`) that only its owner may use: mknod(2). Throws SystemCallFailed. */
export function makeNode(path: string, type: keyof typeof kinds, major: number, minor: number): void {
  const device = type === 'p' ? 0n : deviceNumber(BigInt(major), BigInt(minor));
  if (libc().mknod(path, kinds[type] | 0o600, device) === -1) throwErrno('mknod');
}

/** As makedev(3): each of the two numbers lies in two pieces. */
function deviceNumber(major: bigint, minor: bigint): bigint {
  return (
    ((major & 0xfffff000n) << 32n) |
    ((major & 0xfffn) << 8n) |
    ((minor & 0xffffff00n) << 12n) |
    (minor & 0xffn)
  );
}

/**
 * Gives what a path leads to an extended attribute; name and value are latin1 text, a character for each byte.
 * setxattr(2). Throws SystemCallFailed, with ENOTSUP where the file system has none of that kind.
 */
export function setExtendedAttribute(path: string, name: string, value: string): void {
  const bytes = Buffer.from(value, 'latin1');
  const set = libc().setxattr(path, Buffer.from(`${name}\0`, 'latin1'), bytes, bytes.length, 0);
  if (set === -1) throwErrno('setxattr');
}

/**
 * Brings all that was written to the file system of a path to its disk, on a thread of the pool: syncfs(2).
 * Throws when the disk did not take it.
 */
export async function syncFileSystem(path: string): Promise<void> {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    if ((await onThread(libc().syncfs, descriptor)) === -1) throw new Error(`syncfs ${path} failed`);
  } finally {
    closeSync(descriptor);
  }
}

const setDescriptorFlags = 2;

/** Has the program that this process becomes keep a descriptor: fcntl(2). Throws SystemCallFailed. */
export function keepOpen(descriptor: number): void {
  if (libc().fcntl(descriptor, setDescriptorFlags, 0) === -1) throwErrno('fcntl');
}

/** ioctl_iflags(2): a `long` by name, an `int` in truth. */
const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_TOPDIR_FL = 0x00020000;

/**
 * Tells the file system that the folders in a folder have nothing to do with each other (`chattr +T`), where it can
 * be told. ext4 then begins each of them in another region of the disk. It would put them beside each other, and
 * where it keeps no journal it looks at all that was removed from a region lately for every file that it makes there:
 * ten times the work for a layer that takes the place of another.
 */
export function spreadFolders(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const flags = [0];
    if (libc().ioctl(descriptor, FS_IOC_GETFLAGS, flags) === -1) return;
    // Not every file system has these flags, and none has to have this one.
    libc().ioctl(descriptor, FS_IOC_SETFLAGS, [(flags[0] ?? 0) | FS_TOPDIR_FL]);
  } finally {
    closeSync(descriptor);
  }
}
