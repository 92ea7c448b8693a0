import { type PathStat, pathStatHeader, routes } from '@davit/api';
import type { ContainerService } from '../containers/service.ts';
import type { AddRoute } from '../server/router.ts';

const tar = 'application/x-tar';
const encode = (stat: PathStat) => Buffer.from(JSON.stringify(stat)).toString('base64');

/** The endpoints of the files in containers. */
export function addFileRoutes(add: AddRoute, containers: ContainerService): void {
  add(
    routes.containerArchiveStat,
    async ({ path, query, header }) => {
      header(pathStatHeader, encode(await containers.statPath(path.name, query.path)));
      return undefined;
    },
    200,
  );
  add(routes.containerArchive, async ({ path, query, header }) => {
    const { stat, body } = await containers.readArchive(path.name, query.path);
    header(pathStatHeader, encode(stat));
    return { contentType: tar, body };
  });
  add(
    routes.containerExtract,
    async ({ path, query, input }) => {
      const request = {
        path: query.path,
        keepKinds: query.noOverwriteDirNonDir,
        toUser: query.copyUIDGID,
      };
      await containers.writeArchive(path.name, request, input);
      return undefined;
    },
    200,
  );
  add(routes.containerExport, async ({ path }) => ({
    contentType: 'application/octet-stream',
    body: await containers.export(path.name),
  }));
  add(routes.containerChanges, ({ path }) => containers.changes(path.name));
  add(
    routes.containerCommit,
    async ({ query, body }) => {
      const { container, repo, tag, comment, author, pause, changes } = query;
      const options = { container, repository: repo, tag, comment, author, pause, changes };
      return { Id: await containers.commit({ ...options, config: body }) };
    },
    201,
  );
}
