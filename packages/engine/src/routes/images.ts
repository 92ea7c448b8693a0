import {
  compareVersions,
  type ImageDeleteItem,
  type ImageInspect,
  type ImageSummary,
  routes,
} from '@davit/api';
import type { ImageService } from '../images/service.ts';
import { lenientCredentials } from '../registry/credentials.ts';
import type { AddRoute } from '../server/router.ts';

/** Images: list, load, pull, import, save, tag, inspect, prune and remove. */
export function registerImageRoutes(add: AddRoute, service: ImageService): void {
  add(routes.imageList, async ({ query, version }) => {
    const { all, filters, filter } = query;
    // Clients of long ago gave the name to look for in a parameter of its own.
    const reference = filter === '' ? filters.reference : [...(filters.reference ?? []), filter];
    const list = service.list({
      all,
      filters: reference ? { ...filters, reference } : filters,
      sharedSize: query['shared-size'],
    });
    return list.map((image) => summaryFor(version, image));
  });

  add(routes.imageLoad, async ({ query, input, send }) => {
    await service.load(input, query, send);
    return undefined;
  });

  add(routes.imageCreate, async ({ query, input, send, signal, requestHeader }) => {
    const { fromImage, fromSrc, repo, tag, message, changes, platform } = query;
    if (fromImage !== '') {
      const credentials = lenientCredentials(requestHeader('x-registry-auth'));
      await service.pull({ name: fromImage, tag, platform, credentials, signal }, send);
      return undefined;
    }
    const archive = fromSrc === '-' ? input : { url: fromSrc, signal };
    await service.import(archive, { repository: repo, tag, message, changes, platform }, send);
    return undefined;
  });

  add(routes.imageSave, async ({ path, query }) => archive(service.save([path.name], query.platform)));
  add(routes.imageSaveMany, async ({ query }) => archive(service.save(query.names, query.platform)));
  add(routes.imageHistory, async ({ path }) => service.history(path.name));
  add(routes.imagePrune, ({ query }) => service.prune(query.filters));

  add(
    routes.imageTag,
    async ({ path, query }) => {
      service.tag(path.name, query.repo, query.tag);
      return undefined;
    },
    201,
  );

  add(routes.imageInspect, async ({ path, version }): Promise<ImageInspect> => {
    return withVirtualSize(version, service.inspect(path.name));
  });

  add(routes.imageRemove, ({ path, query }): Promise<ImageDeleteItem[]> => service.remove(path.name, query));
}

const archive = (body: AsyncIterable<Buffer>) => ({ contentType: 'application/x-tar', body });

/** Until 1.43 an image's size was given twice. */
function withVirtualSize<T extends { Size: number }>(version: string, image: T): T {
  return compareVersions(version, '1.44') < 0 ? { ...image, VirtualSize: image.Size } : image;
}

/** Until 1.42 an image without a name was called `<none>`. */
function summaryFor(version: string, image: ImageSummary): ImageSummary {
  const nameless = image.RepoTags.length === 0 && image.RepoDigests.length === 0;
  const names =
    nameless && compareVersions(version, '1.43') < 0
      ? { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] }
      : {};
  return withVirtualSize(version, { ...image, ...names });
}
