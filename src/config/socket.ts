import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the bundled engine listens: DAVIT_SOCKET, else a fixed place for root and a private one for others. */
export function engineSocket(environment: Environment, isRoot = process.getuid?.() === 0): string {
  if (environment.DAVIT_SOCKET) return environment.DAVIT_SOCKET;
  if (isRoot) return '/run/davit/davit.sock';
  const directory = environment.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.() ?? 0}`;
  return join(directory, 'davit', 'davit.sock');
}
