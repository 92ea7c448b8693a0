import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { keepOpen } from '../kernel/files.ts';

const forwarded: NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

export interface Heirlooms {
  /** Sockets that systemd passed on. */
  sockets: number[];
  /** Descriptor on which someone waits for the engine to be ready, and for nothing else. */
  ready: number | null;
  /** Descriptors that the program itself needs. */
  held: number[];
}

/**
 * Goes on as another program with the same process ID. Node closes all descriptors but the first three on the way
 * unless it is told otherwise, so when sockets have to be handed on, the program becomes a child. Who waits for the
 * engine to be ready does not wait for its end, and this process ends; otherwise it stands in for the child, passing
 * signals down and the exit code up.
 */
export async function become(command: string[], env: NodeJS.ProcessEnv, keep: Heirlooms): Promise<number> {
  const [program = '', ...args] = command;
  const ready = keep.ready !== null && keep.ready > 2 ? [keep.ready] : [];
  const { held } = keep;
  if (process.execve && keep.sockets.length + ready.length === 0) {
    for (const descriptor of held) keepOpen(descriptor);
    process.execve(program, command, env);
  }
  const kept = [...keep.sockets, ...ready, ...held];
  const stdio = Array.from({ length: Math.max(2, ...kept) + 1 }, (_, fd) =>
    fd < 3 || kept.includes(fd) ? fd : 'ignore',
  );
  const child = spawn(program, args, { env, stdio });
  await once(child, 'spawn');
  if (keep.ready !== null) return 0;
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}
