import { spawn } from 'node:child_process';
import { constants } from 'node:os';

export interface RunPlugin {
  path: string;
  /** The whole command line, flags before the command too. */
  args: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  /** What the program that was typed is called. */
  program: string;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Runs a plugin in our place, with our streams, and resolves to its exit code. Signals are passed on, but for those
 * that a terminal sends to both processes. Rejects with the system's own error when it cannot be started.
 */
export async function runPlugin({ path, args, environment, program }: RunPlugin): Promise<number> {
  const child = spawn(path, args, {
    stdio: 'inherit',
    env: { ...environment, DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: program },
  });
  const pass = (signal: NodeJS.Signals) => {
    const fromTerminal = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
    if (!fromTerminal) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}
