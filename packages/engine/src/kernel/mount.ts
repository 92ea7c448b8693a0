import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { libc, onThread, SystemCallFailed, throwErrno } from './libc.ts';

/** Flags of mount(2). */
export const mountFlags = {
  readOnly: 1,
  noSuid: 2,
  noDevices: 4,
  noPrograms: 8,
  synchronous: 1 << 4,
  remount: 1 << 5,
  synchronousFolders: 1 << 7,
  noAccessTimes: 1 << 10,
  noFolderAccessTimes: 1 << 11,
  bind: 1 << 12,
  recursive: 1 << 14,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relativeAccessTimes: 1 << 21,
  strictAccessTimes: 1 << 24,
} as const;

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/** mount(2). `data` holds the options of the file system, of less than a page. Throws SystemCallFailed. */
export function mount(source: string, target: string, type: string, flags: number, data: string): void {
  if (libc().mount(source, target, type, flags, data) === -1) throwErrno('mount');
}

/**
 * Detaches what is mounted on a path, which is no link, at once; a process that still sits in it keeps it alive
 * for itself only. Returns false when nothing is mounted there. What was written is brought to the disk in this
 * call, on a thread of the pool. umount2(2).
 */
export async function unmount(target: string): Promise<boolean> {
  const { umount2 } = libc();
  const flags = MNT_DETACH | UMOUNT_NOFOLLOW;
  if ((await onThread(umount2, target, flags)) === 0) return true;
  try {
    // Again, as the reason stayed on the other thread.
    if (umount2(target, flags) === -1) throwErrno('umount2');
    return true;
  } catch (error) {
    if (error instanceof SystemCallFailed && ['EINVAL', 'ENOENT'].includes(error.code)) return false;
    throw error;
  }
}

/** The numbers of these system calls are the same on every machine that Node runs on. */
const calls = { openTree: 428, moveMount: 429 };
const AT_FDCWD = -100;
const AT_RECURSIVE = 0x8000;
const OPEN_TREE_CLONE = 1;
const MOVE_MOUNT_F_SYMLINKS = 1;

/**
 * Copies what is mounted at a path, with what is mounted below it or without, and returns a descriptor of the copy,
 * which is mounted nowhere and is gone with that: open_tree(2), Linux 5.2. What happens in a mount that is shared
 * happens in its copy too, and the other way round. Throws SystemCallFailed.
 */
export function copyMount(path: string, recursive: boolean): number {
  const flags = OPEN_TREE_CLONE | (recursive ? AT_RECURSIVE : 0);
  const descriptor = libc().openTree(calls.openTree, AT_FDCWD, path, flags);
  if (descriptor === -1) throwErrno('open_tree');
  return descriptor;
}

/** Mounts such a copy, which a path in /proc leads to, on a place in this mount namespace: move_mount(2). */
export function placeMount(copy: string, place: string): void {
  const moved = libc().moveMount(calls.moveMount, AT_FDCWD, copy, AT_FDCWD, place, MOVE_MOUNT_F_SYMLINKS);
  if (moved === -1) throwErrno('move_mount');
}

/** A mount as /proc/PID/mountinfo tells of it: proc(5). */
export interface MountEntry {
  point: string;
  /** What is mounted in it is mounted in others too, and in it what is mounted in those. */
  isShared: boolean;
  /** What is mounted in another is mounted in it too. */
  isSlave: boolean;
}

/** The mount that a path without links belongs to, in a table like /proc/self/mountinfo. */
export function mountOf(path: string, table: string): MountEntry {
  let found: MountEntry = { point: '/', isShared: false, isSlave: false };
  for (const line of table.split('\n')) {
    const [fields = ''] = line.split(' - ');
    const [, , , , point = '', , ...tags] = fields.split(' ');
    const place = unescaped(point);
    // Of two in one place the later one lies over the other.
    const isNearer = place.length >= found.point.length;
    if (place === '' || !isNearer || !`${path}/`.startsWith(place === '/' ? '/' : `${place}/`)) continue;
    const has = (kind: string) => tags.some((tag) => tag.startsWith(`${kind}:`));
    found = { point: place, isShared: has('shared'), isSlave: has('master') };
  }
  return found;
}

/** Whether something is mounted on `path` in this mount namespace; with a source, whether it is that. */
export function isMounted(path: string, source?: string): boolean {
  const target = escaped(existsSync(path) ? realpathSync(path) : path);
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => {
      // proc(5): fields of the mount, a hyphen, then type, source and options of the file system.
      const [fields = '', system = ''] = line.split(' - ');
      if (fields.split(' ')[4] !== target) return false;
      return source === undefined || system.split(' ')[1] === escaped(source);
    });
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

/** A text as the kernel writes it in its tables. */
function escaped(text: string): string {
  return text.replace(/[ \t\n\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
