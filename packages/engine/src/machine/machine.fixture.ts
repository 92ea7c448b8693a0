import type { Attempt, Machine } from './machine.ts';

export interface FakeMachine {
  root?: boolean;
  files?: Record<string, string>;
  /** Programs that are there, in /usr/bin. */
  programs?: readonly string[];
  /** Answers of programs; those that are not named say nothing and exit 0. */
  answers?: Record<string, Attempt>;
  /** What this user may not write. */
  readOnly?: readonly string[];
  room?: ReturnType<Machine['room']>;
}

/** A machine that a test describes. `asked` holds the command lines that were tried. */
export function fakeMachine(fake: FakeMachine): Machine & { asked: string[] } {
  const { root = true, files = {}, programs = [], answers = {}, readOnly = [], room = null } = fake;
  const asked: string[] = [];
  return {
    asked,
    root,
    read: (path) => files[path] ?? '',
    exists: (path) => path in files,
    may: (path) => !readOnly.includes(path),
    room: () => room,
    find: (program) =>
      programs.includes(program.replace('/usr/bin/', '')) ? `/usr/bin/${program}` : undefined,
    async attempt(program, args) {
      asked.push([program, ...args].join(' '));
      return answers[program.replace('/usr/bin/', '')] ?? { ok: true, output: '' };
    },
  };
}
