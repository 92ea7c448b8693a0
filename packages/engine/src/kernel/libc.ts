import { createRequire } from 'node:module';
import { constants } from 'node:os';

/*
 * The few system calls that a container engine needs and that Node has no function for. To start a program for
 * each of them costs a hundred times as much as the call: Node forks, which copies the page tables of the whole
 * engine while everything stands still.
 */

type Koffi = typeof import('koffi');
type Callback<Result> = (error: Error | null, result: Result) => void;
/** A C function: called right here, or on a thread of the pool. */
export interface Native<Arguments extends unknown[], Result = number> {
  (...args: Arguments): Result;
  async(...args: [...Arguments, Callback<Result>]): void;
}

interface Libc {
  mount: Native<[source: string, target: string, type: string, flags: number, data: string]>;
  umount2: Native<[target: string, flags: number]>;
  /** No C library had these two for years. */
  openTree: Native<[call: number, directory: number, path: string, flags: number]>;
  moveMount: Native<
    [call: number, directory: number, path: string, toDirectory: number, to: string, flags: number]
  >;
  mknod: Native<[path: string, mode: number, device: bigint]>;
  /** Names may be any bytes: they are given as C has them, with a zero byte at their end. */
  setxattr: Native<[path: string, name: Buffer, value: Buffer, size: number, flags: number]>;
  syncfs: Native<[descriptor: number]>;
  pipe2: Native<[ends: number[], flags: number]>;
  dup3: Native<[from: number, to: number, flags: number]>;
  fcntl: Native<[descriptor: number, command: number, value: number]>;
  setns: Native<[descriptor: number, kind: number]>;
  unshare: Native<[kinds: number]>;
  socket: Native<[family: number, type: number, protocol: number]>;
  bind: Native<[descriptor: number, address: Buffer, length: number]>;
  connect: Native<[descriptor: number, address: Buffer, length: number]>;
  sendto: Native<
    [
      descriptor: number,
      bytes: Buffer,
      length: number,
      flags: number,
      address: Buffer | null,
      addressLength: number,
    ]
  >;
  shutdown: Native<[descriptor: number, how: number]>;
  recv: Native<[descriptor: number, bytes: Buffer, length: number, flags: number]>;
  /** Takes more kinds of third arguments; those that are pointers all alike. */
  ioctl: Native<[descriptor: number, request: number, value: number[]]>;
  waitpid: Native<[pid: number, status: number[], options: number]>;
  posix_spawnp: Native<
    [pid: number[], file: string, actions: Buffer, attributes: Buffer, argv: Strings, envp: Strings]
  >;
  posix_spawn_file_actions_init: Native<[actions: Buffer]>;
  posix_spawn_file_actions_destroy: Native<[actions: Buffer]>;
  posix_spawn_file_actions_adddup2: Native<[actions: Buffer, from: number, to: number]>;
  posix_spawn_file_actions_addopen: Native<
    [actions: Buffer, descriptor: number, path: string, flags: number, mode: number]
  >;
  posix_spawn_file_actions_addchdir_np: Native<[actions: Buffer, path: string]>;
  /** glibc has it since 2.34, musl not at all. */
  posix_spawn_file_actions_addclosefrom_np?: Native<[actions: Buffer, first: number]>;
  posix_spawnattr_init: Native<[attributes: Buffer]>;
  posix_spawnattr_destroy: Native<[attributes: Buffer]>;
  posix_spawnattr_setflags: Native<[attributes: Buffer, flags: number]>;
  posix_spawnattr_setsigdefault: Native<[attributes: Buffer, signals: Buffer]>;
}

/** A C array of strings: it ends with a null. */
export type Strings = (string | null)[];

const optional: ReadonlySet<string> = new Set(['posix_spawn_file_actions_addclosefrom_np']);

/** As in the C library's headers, which glibc and musl agree on. */
const prototypes: Record<keyof Libc, string> = {
  mount:
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  umount2: 'int umount2(const char *target, int flags)',
  openTree: 'long syscall(long call, int directory, const char *path, unsigned int flags)',
  moveMount:
    'long syscall(long call, int directory, const char *path, int toDirectory, const char *to, unsigned int flags)',
  mknod: 'int mknod(const char *path, unsigned int mode, uint64_t device)',
  setxattr: 'int setxattr(const char *path, const void *name, const void *value, size_t size, int flags)',
  syncfs: 'int syncfs(int descriptor)',
  pipe2: 'int pipe2(_Out_ int *ends, int flags)',
  dup3: 'int dup3(int from, int to, int flags)',
  fcntl: 'int fcntl(int descriptor, int command, int value)',
  setns: 'int setns(int descriptor, int kind)',
  unshare: 'int unshare(int kinds)',
  socket: 'int socket(int family, int type, int protocol)',
  bind: 'int bind(int descriptor, const void *address, unsigned int length)',
  connect: 'int connect(int descriptor, const void *address, unsigned int length)',
  sendto:
    'long sendto(int descriptor, const void *bytes, size_t length, int flags, const void *address, unsigned int addressLength)',
  shutdown: 'int shutdown(int descriptor, int how)',
  recv: 'long recv(int descriptor, void *bytes, size_t length, int flags)',
  ioctl: 'int ioctl(int descriptor, unsigned long request, _Inout_ int *value)',
  waitpid: 'int waitpid(int pid, _Out_ int *status, int options)',
  posix_spawnp:
    'int posix_spawnp(_Out_ int *pid, const char *file, void *actions, void *attributes, const char **argv, const char **envp)',
  posix_spawn_file_actions_init: 'int posix_spawn_file_actions_init(void *actions)',
  posix_spawn_file_actions_destroy: 'int posix_spawn_file_actions_destroy(void *actions)',
  posix_spawn_file_actions_adddup2: 'int posix_spawn_file_actions_adddup2(void *actions, int from, int to)',
  posix_spawn_file_actions_addopen:
    'int posix_spawn_file_actions_addopen(void *actions, int descriptor, const char *path, int flags, unsigned int mode)',
  posix_spawn_file_actions_addchdir_np:
    'int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)',
  posix_spawn_file_actions_addclosefrom_np:
    'int posix_spawn_file_actions_addclosefrom_np(void *actions, int first)',
  posix_spawnattr_init: 'int posix_spawnattr_init(void *attributes)',
  posix_spawnattr_destroy: 'int posix_spawnattr_destroy(void *attributes)',
  posix_spawnattr_setflags: 'int posix_spawnattr_setflags(void *attributes, short flags)',
  posix_spawnattr_setsigdefault: 'int posix_spawnattr_setsigdefault(void *attributes, const void *signals)',
};

let koffi: Koffi | undefined;
let library: Libc | undefined;

/** The C library. The first call loads the package that reaches it, which takes some milliseconds. */
export function libc(): Libc {
  if (library) return library;
  koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const handle = koffi.load(null);
  const functions = Object.entries(prototypes).map(([name, prototype]) => {
    try {
      return [name, handle.func(prototype)];
    } catch (error) {
      if (!optional.has(name)) throw error;
      return [name, undefined];
    }
  });
  library = Object.fromEntries(functions) as Libc;
  return library;
}

/** A system call that the kernel refused, with the error's name as node:fs has it: `ENOENT`. */
export class SystemCallFailed extends Error {
  override name = 'SystemCallFailed';
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0];
    super(`${call}: ${code ?? `error ${errno}`}`);
    this.code = code ?? '';
  }
}

/** Throws what the call that has just returned -1 on this thread left in errno. */
export function throwErrno(call: string): never {
  throw new SystemCallFailed(call, koffi?.errno() ?? 0);
}

/** Runs a call that may take long on a thread of the pool. Its errno stays on that thread. */
export function onThread<Arguments extends unknown[], Result>(
  call: Native<Arguments, Result>,
  ...args: Arguments
): Promise<Result> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error, result) => (error ? reject(error) : resolve(result)));
  });
}
