import { setTimeout as pause } from 'node:timers/promises';
import { EngineError } from '../errors.ts';
import { type Authorizer, createAuthorizer } from './auth.ts';
import type { Credentials } from './credentials.ts';
import type { Endpoint } from './endpoints.ts';
import { failureIn } from './failure.ts';
import { type Http, type HttpAnswer, type HttpRequest, Unreachable } from './http.ts';

export type SessionRequest = Omit<HttpRequest, 'url' | 'signal' | 'body'> & {
  /** Relative to the API (`/v2/`), or a URL that the registry gave. */
  path: string | URL;
  /** Made anew for each attempt. */
  body?: () => Content | Promise<Content>;
  /** More than the session's own. */
  scopes?: readonly string[];
  /** How often to try again when the registry is busy or out of reach; 4 unless told otherwise. */
  retries?: number;
  /** Statuses from 400 on that are no failure. */
  expected?: readonly number[];
  /** In the place of the session's own. */
  signal?: AbortSignal;
};

type Content = NonNullable<HttpRequest['body']>;

/** A conversation with one registry, in which it is told who asks when it wants to know. */
export interface Session {
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal | undefined;
  /** Sends a request, again where that helps. Throws RegistryError for what is refused. */
  request(request: SessionRequest): Promise<HttpAnswer>;
  /** Whether the registry answers at all; shows it who asks. Throws when it does not. */
  ping(): Promise<void>;
  readonly identityToken: string;
  /** Keeps the session open beyond the work that it was opened for, until the returned function is called. */
  keep(): () => void;
}

export interface SessionOptions {
  http: Http;
  endpoint: Endpoint;
  credentials: Credentials;
  scopes: readonly string[];
  wantIdentity?: boolean;
  /** What requests are relative to; `v2/` unless told otherwise. */
  api?: string;
  signal?: AbortSignal;
  keep(): () => void;
}

export const mostRedirects = 10;
/** Seconds that a busy registry may ask for: whoever wants longer is asked again by the user. */
const longestWait = 60;
const busy = [429, 502, 503, 504];
const redirects = [301, 302, 303, 307, 308];

export const isRedirect = ({ status, headers }: HttpAnswer): boolean =>
  redirects.includes(status) && headers.location !== undefined;

export function createSession(options: SessionOptions): Session {
  const { http, endpoint, credentials, scopes } = options;
  const authorizer: Authorizer = createAuthorizer(http, endpoint, credentials, options.wantIdentity);
  const base = new URL(options.api ?? 'v2/', endpoint.url);
  const isOurs = (url: URL) => url.origin === endpoint.url.origin;

  /** Follows redirects, mostly to where a registry keeps its blobs: what shows who we are does not go elsewhere. */
  const follow = async (request: SessionRequest, wanted: readonly string[]): Promise<HttpAnswer> => {
    const { method, headers = {}, signal = options.signal } = request;
    let url = new URL(String(request.path), base);
    for (let count = 0; ; count++) {
      const authorization = isOurs(url) ? authorizer.header(wanted) : undefined;
      const answer = await http.send({
        ...{ method, url, signal, body: await request.body?.() },
        headers: authorization === undefined ? headers : { ...headers, authorization },
      });
      const { location } = answer.headers;
      if (!isRedirect(answer) || location === undefined || request.body) return answer;
      answer.body.resume();
      const next = URL.parse(location, url.href);
      if (count === mostRedirects || !next || !/^https?:$/.test(next.protocol))
        throw new EngineError('internal', `${url.href} leads nowhere: it redirects to ${location}`);
      if (url.protocol === 'https:' && next.protocol === 'http:')
        throw new EngineError('internal', `${url.href} redirects to ${next.origin}, which is not secure`);
      url = next;
    }
  };

  const authorized = async (request: SessionRequest): Promise<HttpAnswer> => {
    const wanted = [...scopes, ...(request.scopes ?? [])];
    // Twice: a token that was good a moment ago may have to give way to another first.
    for (let attempt = 0; ; attempt++) {
      const answer = await follow(request, wanted);
      if (answer.status !== 401 || attempt === 2 || !isOurs(answer.url)) return answer;
      await authorizer.learn(answer, wanted, request.signal ?? options.signal);
    }
  };

  const request = async (wanted: SessionRequest): Promise<HttpAnswer> => {
    const { retries = 4, expected = [], signal = options.signal } = wanted;
    const wait = (seconds: number) => pause(seconds * 1000, undefined, { signal });
    for (let attempt = 0; ; attempt++) {
      let answer: HttpAnswer;
      try {
        answer = await authorized(wanted);
      } catch (error) {
        if (!(error instanceof Unreachable) || attempt >= retries) throw error;
        await wait(2 ** attempt / 4);
        continue;
      }
      if (answer.status < 400 || expected.includes(answer.status)) return answer;
      const seconds = secondsToWait(answer, attempt);
      const isWorthIt = busy.includes(answer.status) && attempt < retries && seconds <= longestWait;
      if (!isWorthIt) throw await failureIn(answer);
      answer.body.destroy();
      await wait(seconds);
    }
  };

  return {
    endpoint,
    signal: options.signal,
    keep: options.keep,
    request,
    async ping() {
      const answer = await request({ method: 'GET', path: '', retries: 0, expected: [403, 404] });
      answer.body.resume();
    },
    get identityToken() {
      return authorizer.identityToken;
    },
  };
}

/** `Retry-After`, in seconds or as a date, or longer each time. */
function secondsToWait({ headers }: HttpAnswer, attempt: number): number {
  const after = headers['retry-after'] ?? '';
  const seconds = /^\d{1,6}$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
  return Math.max(Number.isFinite(seconds) ? seconds : 2 ** attempt / 2, 0);
}
