import { Readable } from 'node:stream';
import type { ImageSummary } from '@davit/api';
import { expect, test } from 'vitest';
import type { ImageService } from '../images/service.ts';
import type { AddRoute } from '../server/router.ts';
import { registerImageRoutes } from './images.ts';

const summary = (RepoTags: string[]) => ({ RepoTags, RepoDigests: [], Size: 7 }) as Partial<ImageSummary>;

/** Calls a route's handler with a service that only remembers what it was asked. */
async function call(name: string, exchange: Record<string, unknown>) {
  const asked: unknown[] = [];
  const ask = (...what: unknown[]) => void asked.push(what);
  const service = {
    list: (query: unknown) => {
      ask(query);
      return [summary([]), summary(['a:1'])];
    },
    import: async (input: { url?: string }, options: object) => ask({ ...options, url: input.url }),
    load: async (_input: unknown, options: unknown) => ask(options),
    pull: async (options: unknown) => ask(options),
  } as unknown as ImageService;
  const handlers = new Map<string, (exchange: unknown) => Promise<unknown>>();
  const add: AddRoute = (route, handler) =>
    void handlers.set(`${route.method} ${route.path}`, handler as (exchange: unknown) => Promise<unknown>);
  registerImageRoutes(add, service);
  const answer = await handlers.get(name)?.(exchange);
  return { answer, asked };
}

const listQuery = { all: false, filters: {}, filter: '', digests: false, 'shared-size': false };

test('images without a name are called <none> up to 1.42, and sizes are given twice up to 1.43', async () => {
  const answers = await Promise.all(
    ['1.42', '1.43', '1.44'].map((version) => call('GET /images/json', { query: listQuery, version })),
  );
  expect(answers.map(({ answer }) => answer)).toMatchObject([
    [{ RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'], VirtualSize: 7 }, { RepoTags: ['a:1'] }],
    [{ RepoTags: [], RepoDigests: [], VirtualSize: 7 }, { RepoTags: ['a:1'] }],
    [{ RepoTags: [] }, { RepoTags: ['a:1'] }],
  ]);
  expect(answers[2]?.answer).not.toMatchObject([{ VirtualSize: 7 }, {}]);
});

test('the parameter filter of old clients is a reference filter', async () => {
  const { asked } = await call('GET /images/json', { query: { ...listQuery, filter: 'a' }, version: '1.24' });
  expect(asked).toEqual([[{ all: false, filters: { reference: ['a'] }, sharedSize: false }]]);
});

const createQuery = { fromImage: '', fromSrc: '', repo: '', tag: '', message: '', changes: [], platform: '' };

test('an archive that is sent along is imported, a name is pulled, what a URL leads to is imported', async () => {
  const input = Readable.from([]);
  const send = async () => undefined;
  const { asked } = await call('POST /images/create', {
    query: { ...createQuery, fromSrc: '-', repo: 'r', tag: 't', changes: ['USER 1'] },
    input,
    send,
  });
  expect(asked).toMatchObject([[{ repository: 'r', tag: 't', changes: ['USER 1'] }]]);
  const pull = await call('POST /images/create', {
    query: { ...createQuery, fromImage: 'busybox', tag: '1' },
    ...{ input, send, requestHeader: () => 'no JSON' },
  });
  expect(pull.asked).toMatchObject([[{ name: 'busybox', tag: '1', credentials: { username: '' } }]]);
  const elsewhere = { ...createQuery, fromSrc: 'http://x', repo: 'r' };
  const url = await call('POST /images/create', { query: elsewhere, input, send });
  expect(url.asked).toMatchObject([[{ url: 'http://x', repository: 'r' }]]);
});
