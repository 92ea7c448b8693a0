import type { QueryShape, Route } from '@davit/api';

/** The same route with its answer as the text it is: no number in it is rounded, and no key changes its place. */
export function asText<Path extends string, Q extends QueryShape, B>(
  route: Pick<Route<Path, Q, B, unknown, 'json'>, 'method' | 'path' | 'query' | 'body'>,
): Route<Path, Q, B, string, 'text'> {
  return { ...route, answer: { kind: 'text' } };
}

/** A route that the contract does not have as the bundled engine has no such objects. */
export function textRoute<Path extends string>(
  path: Path,
): Route<Path, QueryShape, undefined, string, 'text'> {
  return { method: 'GET', path, query: {}, body: { kind: 'none' }, answer: { kind: 'text' } };
}
