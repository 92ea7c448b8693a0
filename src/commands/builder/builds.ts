import { ApiError, type BuildInspect, buildRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';

/** Asks for something that only davit's engine knows of builds. Throws CommandError when another engine is asked. */
export async function askOfBuilds<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isUnknown =
      error instanceof ApiError && error.status === 404 && !error.message.startsWith('No such build');
    if (!isUnknown) throw error;
    throw new CommandError('this engine does not remember builds: only that of davit does');
  }
}

/** A build by the beginning of its ID, or the latest one. */
export function findBuild(client: Client, id: string): Promise<BuildInspect> {
  return askOfBuilds(async () => {
    if (id !== '') return client.call(buildRoutes.buildInspect, { path: { id } });
    const [latest] = await client.call(buildRoutes.buildHistory);
    if (!latest) throw new CommandError('there has been no build yet');
    return client.call(buildRoutes.buildInspect, { path: { id: latest.ID } });
  });
}
