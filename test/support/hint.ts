import type { Client } from './client.ts';
import { waitFor } from './wait.ts';

/**
 * Runs a command that fails with this exit code on a terminal until what it tells matches: a hint that an engine is
 * asked for is left out when that takes longer than a person waits.
 */
export async function hints(client: Client, args: string[], told: RegExp, code = 1): Promise<void> {
  await waitFor(async () => {
    const terminal = client.terminal(...args);
    const got = await terminal.exit;
    if (got !== code) throw new Error(`exit code ${got}:\n${terminal.screen()}`);
    return told.test(terminal.screen());
  }, `the hint ${told}`);
}
