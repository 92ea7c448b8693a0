import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import { type Client, createClient } from './client.ts';
import { root } from './engine.ts';
import { leaksOf } from './leaks.ts';
import { type NetworkNamespace, networkNamespace } from './network-namespace.ts';
import { isGone, waitFor } from './wait.ts';

/** A machine on which no engine runs yet: a client starts the bundled one when it needs it. */
export interface OnDemand {
  readonly directory: string;
  readonly network: NetworkNamespace;
  readonly davit: Client;
  /** Process of the engine; 0 when none runs. */
  pid(): number;
  /** Ends the engine and takes away everything. */
  discard(): Promise<void>;
}

export async function createOnDemand(
  program = `${root}/bin/davit`,
  env: NodeJS.ProcessEnv = {},
): Promise<OnDemand> {
  const directory = await mkdtemp(`${tmpdir()}/davit-test-`);
  const network = networkNamespace();
  await network.create();
  mkdirSync(`${directory}/home`);
  const place = { directory, network, dataRoot: `${directory}/data`, execRoot: `${directory}/exec` };
  const pidFile = `${directory}/exec/davitd.pid`;
  const pid = () => {
    const found = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
    return found > 0 && existsSync(`/proc/${found}`) ? found : 0;
  };
  return {
    directory,
    network,
    pid,
    davit: createClient(network.enter([program]), {
      env: {
        PATH: process.env.PATH,
        HOME: `${directory}/home`,
        DAVIT_SOCKET: `${directory}/davit.sock`,
        DAVIT_DATA_ROOT: place.dataRoot,
        DAVIT_EXEC_ROOT: place.execRoot,
        ...env,
      },
    }),
    async discard() {
      const engine = pid();
      if (engine > 0) process.kill(engine, 'SIGTERM');
      // The file with its number goes a moment before the process does.
      await waitFor(() => engine === 0 || isGone(engine), 'the end of the engine');
      // One that failed to start ends a moment after it has said so.
      const isClean = async () => (await leaksOf(place, new Set())).length === 0;
      await waitFor(isClean, 'the end of all that the engine has started').catch(() => undefined);
      expect(await leaksOf(place, new Set())).toEqual([]);
      await network.remove();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
