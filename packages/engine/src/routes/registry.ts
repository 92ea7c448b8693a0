import { routes } from '@davit/api';
import type { ImageService } from '../images/service.ts';
import { credentialsOf, decodeCredentials, lenientCredentials } from '../registry/credentials.ts';
import type { AddRoute } from '../server/router.ts';

/** Registries: push, login, and what they have under a name. */
export function registerRegistryRoutes(add: AddRoute, service: ImageService): void {
  add(routes.imagePush, async ({ path, query, signal, send, requestHeader }) => {
    const credentials = decodeCredentials(requestHeader('x-registry-auth'));
    await service.push({ name: path.name, tag: query.tag, credentials, signal }, send);
    return undefined;
  });

  add(routes.imageSearch, ({ query, signal, requestHeader }) => {
    const credentials = lenientCredentials(requestHeader('x-registry-auth'));
    return service.search({ ...query, limit: query.limit ?? 0, credentials, signal });
  });

  add(routes.auth, ({ body, signal }) => service.authenticate(credentialsOf(body), signal));

  add(routes.distributionInspect, ({ path, signal, requestHeader }) =>
    service.inspectRemote(path.name, decodeCredentials(requestHeader('x-registry-auth')), signal),
  );
}
