import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type Client, createClient } from '../support/client.ts';
import { removeContainers } from '../support/contents.ts';
import { root } from '../support/engine.ts';
import { requestOn } from '../support/http.ts';
import { waitFor } from '../support/wait.ts';

/** An engine of a test's own in the network of the machine, for what needs a way out of it. */
export interface HostEngine {
  /** A folder of its own. */
  readonly directory: string;
  readonly davit: Client;
  /** Ends it, and removes all that it has left. */
  stop(): Promise<void>;
}

/** Starts an engine without a bridge: its containers have the host's network or none. */
export async function startHostEngine(): Promise<HostEngine> {
  const directory = mkdtempSync(`${tmpdir()}/davit-acceptance-`);
  const socket = `${directory}/engine.sock`;
  mkdirSync(`${directory}/home`);
  const log = openSync(`${directory}/log`, 'a');
  // Ends with the test that started it, also when that is interrupted.
  const engine = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'TERM', `${root}/bin/davitd`],
      ...['--data-root', `${directory}/data`, '--exec-root', `${directory}/exec`, '--bridge', 'none'],
      ...['-H', `unix://${socket}`, '-p', `${directory}/pid`],
    ],
    { stdio: ['ignore', log, log] },
  );
  const exited = once(engine, 'exit');
  await waitFor(() => {
    if (engine.exitCode !== null) throw new Error(readFileSync(`${directory}/log`, 'utf8'));
    return existsSync(socket);
  }, 'the engine to listen');
  const env = { PATH: process.env.PATH, HOME: `${directory}/home`, DOCKER_HOST: `unix://${socket}` };
  return {
    directory,
    davit: createClient([`${root}/bin/davit`], { env, timeout: 600_000 }),
    async stop() {
      try {
        // Their mounts outlive the engine.
        await removeContainers({ request: (...request) => requestOn(socket, ...request) });
      } finally {
        engine.kill('SIGTERM');
        await exited;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
