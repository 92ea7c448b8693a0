import { decodeQuery, routes } from '@davit/api';
import { expect, test } from 'vitest';
import type { BuildService } from '../build/service.ts';
import type { AddRoute } from '../server/router.ts';
import { registerBuildRoutes } from './build.ts';

test('a build with two contexts is refused', async () => {
  const built: unknown[] = [];
  const service = {
    inputs: { find: () => null },
    known: { find: () => ({}) },
    build: async (_context: unknown, { remote, known }: Record<string, unknown>) => {
      built.push({ remote, known });
    },
  } as unknown as BuildService;
  let handle = (_exchange: unknown): Promise<unknown> => Promise.reject(new Error('there is no such route'));
  const add: AddRoute = (route, handler) => {
    if ((route.path as string) === routes.imageBuild.path) handle = handler as unknown as typeof handle;
  };
  registerBuildRoutes(add, service);
  const build = async (query: string) =>
    handle({
      query: decodeQuery(routes.imageBuild.query, new URLSearchParams(query)),
      send: async () => undefined,
      requestHeader: () => undefined,
    });
  await expect(build('davitcontext=a&remote=http://host/x.tar')).rejects.toMatchObject({
    kind: 'badParameter',
    message: 'a build has one context: give either remote or davitcontext',
  });
  await build('davitcontext=a');
  await build('remote=http://host/x.tar');
  expect(built).toEqual([
    { remote: '', known: {} },
    { remote: 'http://host/x.tar', known: null },
  ]);
});
