import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anonymous } from '../registry/credentials.ts';
import { type FakeRegistry, startFakeRegistry } from '../registry/registry.fixture.ts';
import { makeTar } from '../storage/tar.fixture.ts';
import { canUnpack, useImages } from './service.fixture.ts';

const { bench } = useImages();

let registry: FakeRegistry;
beforeEach(async () => {
  registry = await startFakeRegistry();
});
afterEach(() => registry.close());

const repository = (name: string, star_count: number, is_official = false) => ({
  ...{ name, description: `what ${name} is`, star_count, is_official, is_automated: true },
});

function answerWith(status: number, body: string): void {
  registry.hook = (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/v1/search?')) return false;
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    return true;
  };
}

function search(term: string, more: { limit?: number; filters?: Record<string, string[]> } = {}) {
  const { signal } = new AbortController();
  return bench.service.search({ term, limit: 0, filters: {}, credentials: anonymous, signal, ...more });
}

describe.skipIf(!canUnpack)('search (needs root on Linux)', () => {
  beforeEach(() => {
    const results = [repository('debian', 50, true), repository('me/debian', 3), { name: 7 }, null];
    answerWith(200, JSON.stringify({ num_results: 4, query: 'debian', results }));
  });

  test('asks the index that the term names, and leaves out what cannot be read', async () => {
    const found = await search(`${registry.address}/debian`);
    expect(found.map(({ name, is_automated }) => [name, is_automated])).toEqual([
      ['debian', false],
      ['me/debian', false],
    ]);
    expect(registry.seen.map(({ path }) => path)).toEqual(['/v1/search?q=debian&n=25']);
  });

  test.each([
    [{ 'is-official': ['true'] }, ['debian']],
    [{ 'is-official': ['0'] }, ['me/debian']],
    [{ 'is-automated': ['true'] }, []],
    [{ stars: ['4'] }, ['debian']],
    [{ stars: ['3', '51'] }, []],
  ])('filters by %j', async (filters, names) => {
    const found = await search(`${registry.address}/debian`, { filters });
    expect(found.map(({ name }) => name)).toEqual(names);
  });

  test.each([
    ['x', { limit: 101 }, 'limit 101 is outside the range of [1, 100]'],
    ['x', { limit: -1 }, 'limit -1 is outside the range of [1, 100]'],
    ['x', { filters: { tag: ['x'] } }, "invalid filter 'tag'"],
    ['x', { filters: { stars: ['many'] } }, "invalid filter 'stars=[many]'"],
    ['x', { filters: { 'is-official': ['perhaps'] } }, "invalid filter 'is-official=[perhaps]'"],
    [
      'https://host/x',
      {},
      'invalid repository name: repository name (https://host/x) should not have a scheme',
    ],
  ])('refuses %s with %j', async (term, more, message) => {
    await expect(search(term, more)).rejects.toThrow(message);
  });

  test('says what an index answers that is no answer', async () => {
    answerWith(200, '<html>');
    await expect(search(`${registry.address}/x`)).rejects.toThrow('to a search is no JSON');
    answerWith(404, '');
    await expect(search(`${registry.address}/x`)).rejects.toThrow('404 Not Found');
  });
});

describe.skipIf(!canUnpack)('import from a URL (needs root on Linux)', () => {
  const importUrl = async (url: string) => {
    const told: (string | undefined)[] = [];
    const options = { repository: 'from', tag: 'url', message: '', changes: [], platform: '' };
    const { signal } = new AbortController();
    await bench.service.import({ url, signal }, options, async ({ status }) => void told.push(status));
    return told;
  };
  const serve = (path: string, answer: (response: ServerResponse) => void) => {
    const { hook } = registry;
    registry.hook = (request, response) => {
      if (request.url !== path) return hook(request, response);
      answer(response);
      return true;
    };
  };

  test('fetches, follows redirects, and says where the image came from', async () => {
    const archive = await makeTar([{ name: 'file' }]);
    serve('/root.tar', (response) => response.end(archive));
    serve('/moved', (response) => response.writeHead(302, { location: '/root.tar' }).end());
    const told = await importUrl(`${registry.address}/moved`);
    expect(told[0]).toBe(`Downloading from http://${registry.address}/moved`);
    expect(bench.service.inspect('from:url').Id).toBe(told.at(-1));
    expect(bench.service.history('from:url')[0]?.Comment).toBe(
      `Imported from http://${registry.address}/moved`,
    );
  });

  test('leaves nothing of what is missing, broken off, no archive, or no URL', async () => {
    const archive = await makeTar([{ name: 'file' }]);
    serve('/broken', (response) => {
      response.writeHead(200, { 'content-length': 1e6 });
      response.write(archive, () => response.destroy());
    });
    serve('/page', (response) => response.end('<html>'.repeat(500)));
    const base = `http://${registry.address}`;
    await expect(importUrl(`${base}/gone`)).rejects.toThrow('404 Not Found');
    await expect(importUrl(`${base}/broken`)).rejects.toThrow(/aborted|broke off|reset/);
    await expect(importUrl(`${base}/page`)).rejects.toThrow();
    await expect(importUrl('file:///etc/passwd')).rejects.toThrow('no http or https URL');
    expect(bench.service.count()).toBe(0);
  });
});
