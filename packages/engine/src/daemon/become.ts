import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';

const forwarded: NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

/**
 * Goes on as another program with the same process ID. Node closes all descriptors but the first three on the
 * way, so when some of `keep` have to be handed on, the program becomes a child that this process stands in for:
 * it passes signals down and the exit code up.
 */
export function become(command: string[], env: NodeJS.ProcessEnv, keep: number[]): Promise<number> {
  const [program = '', ...args] = command;
  if (process.execve && keep.length === 0) process.execve(program, command, env);
  return new Promise((resolve, reject) => {
    const last = Math.max(2, ...keep);
    const stdio = Array.from({ length: last + 1 }, (_, fd) => (fd < 3 || keep.includes(fd) ? fd : 'ignore'));
    const child = spawn(program, args, { env, stdio });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    for (const fd of keep) closeSync(fd);
    for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  });
}
