import { accessSync, existsSync, readFileSync, statfsSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { ProgramFailed, run } from '../process.ts';
import { findProgram } from '../runtime/find.ts';

/** How an attempt went, and what the program printed: its complaint when it failed. */
export interface Attempt {
  ok: boolean;
  output: string;
}

/** All that examinations reach of the machine: a test makes one of its own. */
export interface Machine {
  /** Whether this is root, who can try things out. */
  readonly root: boolean;
  /** The content of a file; empty when it cannot be read. */
  read(path: string): string;
  exists(path: string): boolean;
  /** Whether this user may do that with a file, by the constants of access(2). */
  may(path: string, mode: number): boolean;
  /** Bytes and inodes that are free on the file system of a path; null when there is none. */
  room(path: string): { bytes: number; inodes: number; hasInodes: boolean } | null;
  /** The path of a program; undefined when it is not there. */
  find(program: string): string | undefined;
  /** Runs a program to its end, five seconds at most. Never throws. */
  attempt(program: string, args: readonly string[], input?: string): Promise<Attempt>;
}

/** Milliseconds after which a program that is tried is given up. */
const patience = 5000;

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    root: process.getuid?.() === 0,
    read(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return '';
      }
    },
    exists: existsSync,
    may(path, mode) {
      try {
        accessSync(path, mode);
        return true;
      } catch {
        return false;
      }
    },
    room(path) {
      try {
        const { bavail, bsize, files, ffree } = statfsSync(path);
        return { bytes: bavail * bsize, inodes: ffree, hasInodes: files > 0 };
      } catch {
        return null;
      }
    },
    find: findProgram,
    async attempt(program, args, input) {
      try {
        const path = findProgram(program) ?? program;
        const signal = AbortSignal.timeout(patience);
        return { ok: true, output: await run(path, args, { signal, ...(input !== undefined && { input }) }) };
      } catch (error) {
        const said = error instanceof ProgramFailed ? error.stderr : '';
        return { ok: false, output: said || messageOf(error) };
      }
    },
  };
}
