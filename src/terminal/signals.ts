import { constants } from 'node:os';

/** Signals that are passed on to a container: all that a process can catch and that mean something there. */
const forwarded = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGABRT',
  'SIGTRAP',
  'SIGCONT',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGIO',
  'SIGSYS',
  'SIGWINCH',
] as const;

/** Passes this process's signals on until the returned function is called. A signal that arrives too early is lost. */
export function forwardSignals(send: (signal: string) => Promise<unknown>): () => void {
  const listener = (signal: NodeJS.Signals) => void send(signal.slice(3)).catch(() => undefined);
  const names = forwarded.filter((name) => name in constants.signals);
  for (const name of names) process.on(name, listener);
  return () => {
    for (const name of names) process.off(name, listener);
  };
}
