import { compareVersions, routes } from '@davit/api';
import { CommandError } from '../exit.ts';
import type { Client } from '../http/client.ts';
import type { Flag } from './flag.ts';

/**
 * Refuses flags that an engine does not know, because it is too old or of another system. Throws a CommandError in
 * docker's words that names them: all of another system at once, else the first that is too new.
 */
export async function refuseUnknownFlags(
  given: ReadonlyMap<string, Flag<unknown>>,
  client: Client,
): Promise<void> {
  const flags = [...given];
  if (flags.some(([, { system }]) => system)) {
    const { Os } = await client.call(routes.version);
    const lines = flags.flatMap(([name, { system }]) =>
      system && system !== Os
        ? `"--${name}" is only supported on a Docker daemon running on ${system}, but the Docker daemon is running on ${Os}`
        : [],
    );
    if (lines.length > 0) throw new CommandError(lines.join('\n'));
  }
  for (const [name, { since }] of flags) {
    if (!since) continue;
    const version = await client.version();
    if (compareVersions(version, since) >= 0) continue;
    throw new CommandError(
      `"--${name}" requires API version ${since}, but the Docker daemon API version is ${version}`,
    );
  }
}
