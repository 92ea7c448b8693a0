import { closeSync, constants as files } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { sendSignal } from './identity.ts';
import { libc, onThread, type Strings, SystemCallFailed } from './libc.ts';
import { openPipe } from './pipe.ts';

export interface SpawnOptions {
  cwd?: string;
  /** The child's environment; the engine's own when left out. */
  env?: NodeJS.ProcessEnv;
  /**
   * What the child finds at each descriptor: a pipe that it reads from or writes to, /dev/null, or what one of our own
   * descriptors stands for, whose number must be higher than those of the child. It has no other.
   */
  descriptors: readonly ('reads' | 'writes' | 'null' | number)[];
}

/** How a process ended: by itself with a code, or by a signal. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** Our ends of the pipes, by the child's descriptors. */
  readonly pipes: readonly (Socket | null)[];
  /** Sends a signal, unless the process has been waited for. */
  kill(signal: NodeJS.Signals): void;
  /**
   * Waits for the end and takes the process out of the kernel's table: to be called once for every process, when
   * its end is near, as it takes one of the pool's threads until then.
   */
  wait(): Promise<Ending>;
}

/** The C library's structures are smaller than these on every machine; it fills them in. */
const sizes = { actions: 256, attributes: 1024, signals: 128 };
/** Signals that the engine ignores are not ignored by its children. */
const POSIX_SPAWN_SETSIGDEF = 4;
/** The engine blocks no signals on its main thread, but a child must not depend on it. */
const POSIX_SPAWN_SETSIGMASK = 8;

/**
 * Starts a program, found on the engine's PATH, with an argument array. Unlike node:child_process this does not
 * copy the engine (posix_spawn(3) shares its memory with the child until the program is there), which takes a
 * tenth of the time. Throws SystemCallFailed, with ENOENT for a program that is not there.
 */
export function spawnProcess(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): SpawnedProcess {
  const { env = process.env, cwd, descriptors } = options;
  const c = libc();
  const pipes = descriptors.map((kind) =>
    kind === 'reads' || kind === 'writes' ? pipeFor(kind, descriptors.length) : null,
  );
  const closeAll = (side: 'ours' | 'theirs') => {
    for (const pipe of pipes) if (pipe) closeSync(pipe[side]);
  };
  const actions = Buffer.alloc(sizes.actions);
  const attributes = Buffer.alloc(sizes.attributes);
  c.posix_spawn_file_actions_init(actions);
  c.posix_spawnattr_init(attributes);
  try {
    c.posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    c.posix_spawnattr_setsigdefault(attributes, Buffer.alloc(sizes.signals, 0xff));
    if (cwd !== undefined) c.posix_spawn_file_actions_addchdir_np(actions, cwd);
    pipes.forEach((pipe, descriptor) => {
      const given = descriptors[descriptor];
      const theirs = typeof given === 'number' ? given : pipe?.theirs;
      if (theirs !== undefined) c.posix_spawn_file_actions_adddup2(actions, theirs, descriptor);
      else c.posix_spawn_file_actions_addopen(actions, descriptor, '/dev/null', files.O_RDWR, 0);
    });
    // Node marks all that it opens to be closed, but not what the engine itself was started with.
    c.posix_spawn_file_actions_addclosefrom_np?.(actions, descriptors.length);
    const pid = [0];
    const errno = c.posix_spawnp(pid, program, actions, attributes, [program, ...args, null], listOf(env));
    if (errno !== 0) throw new SystemCallFailed(`starting ${program}`, errno);
    const sockets = pipes.map((pipe) => pipe && new Socket({ fd: pipe.ours, ...pipe.direction }));
    return attend(pid[0] ?? 0, sockets);
  } catch (error) {
    closeAll('ours');
    throw error;
  } finally {
    closeAll('theirs');
    c.posix_spawn_file_actions_destroy(actions);
    c.posix_spawnattr_destroy(attributes);
  }
}

interface Pipe {
  ours: number;
  theirs: number;
  direction: { readable: boolean; writable: boolean };
}

/** Opens a pipe between us and a child that reads from it or writes to it. */
function pipeFor(kind: 'reads' | 'writes', first: number): Pipe {
  const { readEnd, writeEnd } = openPipe(first);
  return kind === 'reads'
    ? { ours: writeEnd, theirs: readEnd, direction: { readable: false, writable: true } }
    : { ours: readEnd, theirs: writeEnd, direction: { readable: true, writable: false } };
}

function listOf(env: NodeJS.ProcessEnv): Strings {
  const list = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return [...list, null];
}

function attend(pid: number, pipes: SpawnedProcess['pipes']): SpawnedProcess {
  let isThere = true;
  return {
    pid,
    pipes,
    kill(signal) {
      // It may be gone on the other thread already, and this not know yet: then the kernel says that there is none.
      if (isThere) sendSignal(pid, constants.signals[signal]);
    },
    async wait() {
      const ending = await waitFor(pid);
      isThere = false;
      return ending;
    },
  };
}

async function waitFor(pid: number): Promise<Ending> {
  const status = [0];
  await onThread(libc().waitpid, pid, status, 0);
  const [value = 0] = status;
  const number = value & 0x7f;
  if (number === 0) return { code: (value >> 8) & 0xff, signal: null };
  const signal = Object.entries(constants.signals).find(([, each]) => each === number)?.[0];
  return { code: null, signal: (signal ?? 'SIGKILL') as NodeJS.Signals };
}
