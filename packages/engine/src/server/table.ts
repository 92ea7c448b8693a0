import type { AnswerKind, QueryShape, Route } from '@davit/api';
import { ApiError } from '@davit/api';
import type { AddRoute, Exchange } from './router.ts';

/** A registered route whose types are known to its handler only. */
export interface Entry {
  route: Route<string, QueryShape, unknown, unknown, AnswerKind>;
  handler(exchange: Exchange<string, QueryShape, unknown>): Promise<unknown>;
  /** Status of success. */
  status: number;
}

export interface RouteTable {
  add: AddRoute;
  /** The entry that answers a request, and the decoded names of its path. */
  find(method: string, path: string): { entry: Entry; parameters: Record<string, string> } | undefined;
}

/** The routes of the engine. A path without names is looked up at once, the others are tried in their order. */
export function createRouteTable(): RouteTable {
  const plain = new Map<string, Entry>();
  const patterns: { method: string; pattern: RegExp; names: string[]; entry: Entry }[] = [];
  return {
    add(route, handler, status = route.answer.kind === 'empty' ? 204 : 200) {
      const entry = { route, handler, status } as unknown as Entry;
      if (!route.path.includes('{')) plain.set(`${route.method} ${route.path}`, entry);
      else patterns.push({ method: route.method, ...compile(route.path), entry });
    },
    find(method, path) {
      const exact = plain.get(`${method} ${path}`);
      if (exact) return { entry: exact, parameters: {} };
      for (const candidate of patterns) {
        if (candidate.method !== method) continue;
        const match = candidate.pattern.exec(path);
        if (!match) continue;
        const values = match.slice(1).map(decode);
        const parameters = Object.fromEntries(
          candidate.names.map((name, index) => [name, values[index] ?? '']),
        );
        return { entry: candidate.entry, parameters };
      }
      return undefined;
    },
  };
}

/**
 * Every name may hold slashes here, as in dockerd: `/containers/a/b/json` is a missing container named "a/b",
 * not a missing page.
 */
function compile(path: string): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = path
    .split(/(\{[^}]+\})/)
    .map((part) => {
      const name = /^\{(\w+)\*?\}$/.exec(part)?.[1];
      if (name === undefined) return RegExp.escape(part);
      names.push(name);
      return '(.+)';
    })
    .join('');
  return { pattern: new RegExp(`^${source}$`), names };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError(400, `invalid URL escape in ${JSON.stringify(part)}`);
  }
}
