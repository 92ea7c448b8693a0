import { compareVersions, routes } from '@davit/api';
import type { AddRoute } from '../server/router.ts';
import type { VolumeService } from '../volumes/service.ts';
import { noManager } from './swarm.ts';

/** The endpoints of volumes. */
export function registerVolumeRoutes(add: AddRoute, volumes: VolumeService): void {
  add(
    routes.volumeCreate,
    async ({ body, version }) => {
      if (body.ClusterVolumeSpec && compareVersions(version, '1.42') >= 0) throw noManager();
      const { Name: name, Driver: driver, DriverOpts: options, Labels: labels } = body;
      return volumes.create({ name, driver, options, labels });
    },
    201,
  );
  add(routes.volumeList, async ({ query }) => volumes.list(query.filters));
  add(routes.volumePrune, async ({ query, version }) => {
    // Until then all volumes were taken, and not only those without a name.
    const isOld = compareVersions(version, '1.42') < 0;
    return volumes.prune(isOld ? { ...query.filters, all: ['true'] } : query.filters);
  });
  add(routes.volumeInspect, async ({ path }) => volumes.inspect(path.name));
  add(routes.volumeUpdate, async () => {
    throw noManager();
  });
  add(routes.volumeRemove, async ({ path, query }) => {
    await volumes.remove(path.name, query.force);
    return undefined;
  });
}
