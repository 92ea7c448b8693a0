import { ApiError, routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';

/**
 * Does something with a manager of a Swarm. davit's own engine runs on one machine: who asks it is told so, and
 * where a Swarm would be found.
 */
export async function withManager<T>(
  context: CommandContext,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await context.connect();
  try {
    return await work(client);
  } catch (error) {
    const refusal = error instanceof CommandError ? error.cause : error;
    const mayHaveNone = refusal instanceof ApiError && [404, 501, 503].includes(refusal.status);
    if (!mayHaveNone || !(await isDavitd(client))) throw error;
    throw new CommandError(
      "this engine is davitd, which runs on one machine: point davit at a Swarm's manager with -H, DOCKER_HOST or a context",
    );
  }
}

/** davit's engine says what it runs on where others name their version of Go. */
async function isDavitd(client: Client): Promise<boolean> {
  const { GoVersion = '' } = await client.call(routes.version);
  return GoVersion.startsWith('node ');
}
