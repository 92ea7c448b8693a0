import { EngineError } from '../errors.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import type { Endpoint } from './endpoints.ts';
import { failureIn } from './failure.ts';
import { type Http, type HttpAnswer, readBody } from './http.ts';

/** Shows a registry who asks, in the way it wants to be shown. */
export interface Authorizer {
  /** The header to send, if it is known already. */
  header(scopes: readonly string[]): string | undefined;
  /** Learns from an answer 401 how to ask again. Throws when there is nothing more to show. */
  learn(answer: HttpAnswer, scopes: readonly string[], signal?: AbortSignal): Promise<void>;
  /** A refresh token that the server gave in exchange for a password; empty when it gave none. */
  readonly identityToken: string;
}

interface Token {
  value: string;
  /** Milliseconds of Unix time. */
  until: number;
}

const longestToken = 1024 * 1024;
const clientId = 'docker';

/** `wantIdentity`: whether a token that lasts is asked for, as when logging in. */
export function createAuthorizer(
  http: Http,
  endpoint: Endpoint,
  credentials: Credentials,
  wantIdentity = false,
): Authorizer {
  const { username, password, registryToken, identityToken } = credentials;
  const tokens = new Map<string, Token>();
  let basic: string | undefined;
  let given = '';
  const keyOf = (scopes: readonly string[]) => scopes.join(' ');

  const fetchToken = async (
    { parameters }: Challenge,
    scopes: readonly string[],
    signal?: AbortSignal,
  ): Promise<Token> => {
    const realm = URL.parse(parameters.realm ?? '');
    if (!realm || !/^https?:$/.test(realm.protocol))
      throw new EngineError('internal', `${endpoint.url.origin} names no server for its tokens`);
    const secret = identityToken !== '' || username !== '';
    if (secret && realm.protocol === 'http:' && endpoint.url.protocol === 'https:')
      throw new EngineError(
        'internal',
        `${endpoint.url.origin} wants credentials to be sent to ${realm.origin}, which is not secure`,
      );
    const service = parameters.service ?? '';
    const answer =
      identityToken === ''
        ? await getToken(realm, service, scopes, signal)
        : await refresh(realm, service, scopes, signal);
    if (answer.status >= 400) throw await failureIn(answer);
    const body = objectIn(String(await readBody(answer, longestToken)));
    const value = body.token || body.access_token;
    if (typeof value !== 'string')
      throw new EngineError(
        'internal',
        `authorization server ${realm.origin} did not include a token in the response`,
      );
    if (typeof body.refresh_token === 'string' && body.refresh_token !== '') given = body.refresh_token;
    // A minute is what the specification grants to those who do not say.
    const seconds = Math.max(Number(body.expires_in) || 60, 60);
    return { value, until: Date.now() + seconds * 900 };
  };

  const getToken = (realm: URL, service: string, scopes: readonly string[], signal?: AbortSignal) => {
    const url = new URL(realm);
    if (service !== '') url.searchParams.set('service', service);
    for (const scope of scopes) url.searchParams.append('scope', scope);
    if (wantIdentity) {
      url.searchParams.set('offline_token', 'true');
      url.searchParams.set('client_id', clientId);
    }
    if (username !== '') url.searchParams.set('account', username);
    const headers = username === '' ? {} : { authorization: basicHeader(username, password) };
    return http.send({ method: 'GET', url, headers, signal });
  };

  const refresh = (realm: URL, service: string, scopes: readonly string[], signal?: AbortSignal) => {
    const form = new URLSearchParams({
      ...{ grant_type: 'refresh_token', refresh_token: identityToken, service, client_id: clientId },
      ...(scopes.length === 0 ? {} : { scope: keyOf(scopes) }),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return http.send({ method: 'POST', url: realm, headers, body: form.toString(), signal });
  };

  return {
    header(scopes) {
      if (registryToken !== '') return `Bearer ${registryToken}`;
      const token = tokens.get(keyOf(scopes));
      return token && token.until > Date.now() ? `Bearer ${token.value}` : basic;
    },
    async learn(answer, scopes, signal) {
      const challenges = parseChallenges(answer.headers['www-authenticate']);
      const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
      if (bearer && registryToken === '') {
        answer.body.resume();
        tokens.set(keyOf(scopes), await fetchToken(bearer, scopes, signal));
        return;
      }
      const wantsBasic = challenges.some(({ scheme }) => scheme === 'basic');
      if (!wantsBasic || basic !== undefined || registryToken !== '') throw await failureIn(answer);
      answer.body.resume();
      if (username === '')
        throw new EngineError('internal', `${requestOf(answer)}: no basic auth credentials`);
      basic = basicHeader(username, password);
    },
    get identityToken() {
      return given;
    },
  };
}

function requestOf({ url }: HttpAnswer): string {
  return `Get "${url.origin}${url.pathname}"`;
}

function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A JSON object; what is none counts as an empty one. */
function objectIn(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
