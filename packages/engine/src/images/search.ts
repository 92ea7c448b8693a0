import type { Filters, SearchResult } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { RegistryClient } from '../registry/client.ts';
import type { Credentials } from '../registry/credentials.ts';
import { hub } from '../registry/endpoints.ts';
import { readBody } from '../registry/http.ts';
import { readSwitch } from './filters.ts';

export interface SearchQuery {
  /** What to look for, behind `host/` when it is not in docker's hub. */
  term: string;
  /** How many results at most; 0 for as many as docker's clients show. */
  limit: number;
  filters: Filters;
  credentials: Credentials;
  signal: AbortSignal;
}

const known = ['is-automated', 'is-official', 'stars'];
const usualLimit = 25;
const mostResults = 100;
const largestAnswer = 4 * 1024 * 1024;

/** Asks the index of a registry, with the API that docker's hub has for this. Throws `badParameter`. */
export async function searchRegistry(
  registries: RegistryClient,
  { term, limit, filters, credentials, signal }: SearchQuery,
): Promise<SearchResult[]> {
  const fits = resultFilter(filters);
  const count = limit === 0 ? usualLimit : limit;
  if (count < 1 || count > mostResults)
    throw new EngineError('badParameter', `limit ${limit} is outside the range of [1, ${mostResults}]`);
  const { domain, words } = splitTerm(term);
  const place = { domain, credentials, scopes: [], pulling: true, index: true, signal };
  const found = await registries.open(place, async (session) => {
    const query = new URLSearchParams({ q: words, n: String(count) });
    const answer = await session.request({ method: 'GET', path: `search?${query}`, retries: 1 });
    return readResults(await readBody(answer, largestAnswer), domain);
  });
  return found.slice(0, count).filter(fits);
}

/** Takes the registry off a term. */
function splitTerm(term: string): { domain: string; words: string } {
  if (term.includes('://'))
    throw new EngineError(
      'badParameter',
      `invalid repository name: repository name (${term}) should not have a scheme`,
    );
  const slash = term.indexOf('/');
  const first = term.slice(0, slash);
  const isHost = slash !== -1 && (/[.:]/.test(first) || first === 'localhost');
  const domain = isHost && !['docker.io', hub.index].includes(first) ? first : hub.domain;
  const words = isHost ? term.slice(slash + 1) : term;
  if (isHost && !/^[\w.-]+(:\d{1,5})?$/.test(first))
    throw new EngineError('badParameter', `invalid index name (${first})`);
  return { domain, words: domain === hub.domain ? words.replace(/^library\//, '') : words };
}

function resultFilter(filters: Filters): (result: SearchResult) => boolean {
  const unknown = Object.keys(filters).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new EngineError('badParameter', `invalid filter '${unknown}'`);
  const isAutomated = readSwitch(filters, 'is-automated');
  const isOfficial = readSwitch(filters, 'is-official');
  const stars = filters.stars ?? [];
  if (!stars.every((text) => /^[+-]?\d{1,15}$/.test(text)))
    throw new EngineError('badParameter', `invalid filter 'stars=[${stars.join(' ')}]'`);
  const fewest = Math.max(...stars.map(Number));
  return (result) =>
    (isAutomated === null || isAutomated === result.is_automated) &&
    (isOfficial === null || isOfficial === result.is_official) &&
    result.star_count >= fewest;
}

/** What an index answers, without what is not as it should be. */
function readResults(body: Buffer, domain: string): SearchResult[] {
  let results: unknown;
  try {
    ({ results } = JSON.parse(body.toString()) as { results?: unknown });
  } catch (error) {
    throw new EngineError('internal', `the answer of ${domain} to a search is no JSON`, { cause: error });
  }
  if (!Array.isArray(results)) return [];
  return results.flatMap((one: Partial<SearchResult> | null) =>
    typeof one?.name === 'string'
      ? {
          star_count: Number.isSafeInteger(one.star_count) ? Number(one.star_count) : 0,
          is_official: one.is_official === true,
          name: one.name,
          // Docker's hub has no automated builds any more, and its engine says so of all.
          is_automated: false,
          description: typeof one.description === 'string' ? one.description : '',
        }
      : [],
  );
}
