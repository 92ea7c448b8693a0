import { type BuildInspect, buildRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { askDavit } from '../davit-only.ts';

/** Asks for something that only davit's engine knows of builds. Throws CommandError when another engine is asked. */
export function askOfBuilds<T>(ask: () => Promise<T>): Promise<T> {
  const otherwise = 'this engine does not remember builds: only that of davit does';
  return askDavit(ask, { otherwise, missing: 'No such build' });
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
