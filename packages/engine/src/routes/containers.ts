import { compareVersions, routes } from '@davit/api';
import type { ContainerService } from '../containers/service.ts';
import type { AddRoute } from '../server/router.ts';
import { addFileRoutes } from './files.ts';

/** The endpoints of containers and of what is executed in them. */
export function registerContainerRoutes(add: AddRoute, containers: ContainerService): void {
  add(
    routes.containerCreate,
    ({ query, body }) => containers.create({ name: query.name, platform: query.platform, body }),
    201,
  );
  add(routes.containerList, ({ query }) => containers.list(query));
  add(routes.containerInspect, ({ path, query }) => containers.inspect(path.name, query.size));
  add(routes.containerTop, ({ path, query }) => containers.top(path.name, query.ps_args));
  add(routes.containerRename, async ({ path, query }) => {
    await containers.rename(path.name, query.name);
    return undefined;
  });
  addLifecycleRoutes(add, containers);
  addStreamRoutes(add, containers);
  addExecRoutes(add, containers);
  addFileRoutes(add, containers);
}

function addLifecycleRoutes(add: AddRoute, containers: ContainerService): void {
  add(routes.containerStart, async ({ path }) => {
    await containers.start(path.name);
    return undefined;
  });
  add(routes.containerStop, async ({ path, query }) => {
    await containers.stop(path.name, { signal: query.signal, timeout: query.t });
    return undefined;
  });
  add(routes.containerRestart, async ({ path, query }) => {
    await containers.restart(path.name, { signal: query.signal, timeout: query.t });
    return undefined;
  });
  add(routes.containerPrune, ({ query }) => containers.prune(query.filters));
  add(routes.containerUpdate, ({ path, body }) => containers.update(path.name, body));
  add(routes.containerPause, async ({ path }) => {
    await containers.pause(path.name);
    return undefined;
  });
  add(routes.containerUnpause, async ({ path }) => {
    await containers.unpause(path.name);
    return undefined;
  });
  add(routes.containerKill, async ({ path, query }) => {
    await containers.kill(path.name, query.signal);
    return undefined;
  });
  add(routes.containerRemove, async ({ path, query }) => {
    if (query.link) await containers.removeLink(path.name);
    else await containers.remove(path.name, { force: query.force, volumes: query.v });
    return undefined;
  });
  add(routes.containerWait, async ({ path, query, signal, begin, send }) => {
    const { ended } = containers.wait(path.name, query.condition, signal);
    begin();
    await send({ StatusCode: await ended });
    return undefined;
  });
}

function addStreamRoutes(add: AddRoute, containers: ContainerService): void {
  add(routes.containerAttach, async ({ path, query, version, hijack }) => {
    await containers.attach(path.name, query, hijack, version);
    return undefined;
  });
  add(routes.containerAttachWebSocket, async ({ path, query, version, hijack }) => {
    // Before 1.42 all streams came, whatever was asked for.
    const every = compareVersions(version, '1.42') < 0 && { stdin: true, stdout: true, stderr: true };
    await containers.attach(path.name, { ...query, ...every }, hijack, version, false);
    return undefined;
  });
  add(routes.containerStats, async ({ path, query, signal, begin, send }) => {
    const request = { stream: query.stream, oneShot: query['one-shot'] };
    const stats = containers.stats(path.name, request, signal);
    begin();
    for await (const one of stats) await send(one);
    return undefined;
  });
  add(routes.containerLogs, async ({ path, query, version, signal }) =>
    containers.logs(path.name, query, version, signal),
  );
  add(
    routes.containerResize,
    async ({ path, query }) => {
      await containers.resize(path.name, query.h ?? 0, query.w ?? 0);
      return undefined;
    },
    200,
  );
}

function addExecRoutes(add: AddRoute, { execs }: ContainerService): void {
  add(routes.execCreate, async ({ path, body }) => execs.create(path.name, body), 201);
  add(routes.execStart, async ({ path, body, version, hijack }) => {
    await execs.start(path.id, body, hijack, version);
    return undefined;
  });
  add(
    routes.execResize,
    async ({ path, query }) => {
      await execs.resize(path.id, query.h ?? 0, query.w ?? 0);
      return undefined;
    },
    200,
  );
  add(routes.execInspect, async ({ path }) => execs.inspect(path.id));
}
