import { swarmRoutes } from '@davit/api';
import type { Client } from '../../http/client.ts';

/** Names of services and nodes by their IDs; each is asked for once. What is gone keeps its ID. */
export function createNames(client: Client, noResolve: boolean) {
  const known = new Map<string, Promise<string>>();
  const remember = (id: string, ask: () => Promise<string>) => {
    if (noResolve || id === '') return Promise.resolve(id);
    const name = known.get(id) ?? ask().catch(() => id);
    known.set(id, name);
    return name;
  };
  return {
    service: (id: string) =>
      remember(id, async () => (await client.call(swarmRoutes.serviceInspect, { path: { id } })).Spec.Name),
    node: (id: string) =>
      remember(id, async () => {
        const { Spec, Description } = await client.call(swarmRoutes.nodeInspect, { path: { id } });
        return Spec.Name || Description.Hostname || id;
      }),
  };
}
