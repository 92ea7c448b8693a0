import { routes } from '@davit/api';
import type { ContainerService } from '../containers/service.ts';
import type { NetworkService } from '../networks/service.ts';
import type { AddRoute } from '../server/router.ts';

/** Networks: list, create, inspect, remove and prune, and containers that come and go. */
export function registerNetworkRoutes(
  add: AddRoute,
  networks: NetworkService,
  containers: Pick<ContainerService, 'joinNetwork' | 'leaveNetwork'>,
): void {
  add(routes.networkList, async ({ query }) => networks.list(query.filters));
  add(routes.networkCreate, ({ body }) => networks.create(body), 201);
  add(routes.networkPrune, async ({ query }) => {
    const pruned = await networks.prune(query.filters);
    return { NetworksDeleted: pruned.length > 0 ? pruned : null };
  });
  add(routes.networkInspect, async ({ path }) => networks.inspect(path.name));
  add(routes.networkRemove, async ({ path }) => {
    await networks.remove(path.name);
    return undefined;
  });
  add(
    routes.networkConnect,
    async ({ path, body }) => {
      await containers.joinNetwork(body.Container, path.name, body.EndpointConfig);
      return undefined;
    },
    200,
  );
  add(
    routes.networkDisconnect,
    async ({ path, body }) => {
      await containers.leaveNetwork(body.Container, path.name, body.Force);
      return undefined;
    },
    200,
  );
}
