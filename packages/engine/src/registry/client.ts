import { EngineError } from '../errors.ts';
import { secureContextFor } from './certificates.ts';
import type { Credentials } from './credentials.ts';
import { type Endpoint, endpointsOf, hub, indexesOf, isInsecure, type RegistryConfig } from './endpoints.ts';
import { failureIn } from './failure.ts';
import { createHttp, type HttpAnswer } from './http.ts';
import { createSession, isRedirect, mostRedirects, type Session } from './session.ts';

/** Opens conversations with registries, as the engine was told to. */
export interface RegistryClient {
  /**
   * Lets `work` speak with the registry of `domain`, trying one of its addresses after the other: mirrors first
   * when pulling, and without TLS last where that is allowed. `work` is tried again at the next address when it
   * fails before it says that it is `settled` on one.
   */
  open<T>(options: OpenOptions, work: (session: Session, settled: () => void) => Promise<T>): Promise<T>;
  /** Lets `work` read what a URL leads to. Throws when that is not found. */
  fetch<T>(url: URL, signal: AbortSignal, work: (answer: HttpAnswer) => Promise<T>): Promise<T>;
}

export interface OpenOptions {
  domain: string;
  credentials: Credentials;
  scopes: readonly string[];
  pulling: boolean;
  wantIdentity?: boolean;
  /** Speaks with the index of the registry, which searches, in the place of the registry itself. */
  index?: boolean;
  signal?: AbortSignal;
}

export interface RegistryDependencies {
  config: RegistryConfig;
  certificateFolders: readonly string[];
  /** Where HTTP_PROXY and such are. */
  environment: NodeJS.ProcessEnv;
}

export function createRegistryClient(dependencies: RegistryDependencies): RegistryClient {
  const { config, certificateFolders, environment } = dependencies;
  const trust = (endpoints: Endpoint[]) => (host: string) => {
    const named = endpoints.find(({ url }) => url.host === host);
    return {
      context: secureContextFor(nameOf(host), certificateFolders),
      insecure: named?.insecure ?? isInsecure(host, config.insecureRegistries),
    };
  };
  return {
    async open({ domain, credentials, scopes, pulling, wantIdentity, index = false, signal }, work) {
      const endpoints = index ? indexesOf(domain, config) : endpointsOf(domain, config, pulling);
      const http = createHttp(trust(endpoints), environment);
      let users = 0;
      const keep = () => {
        users += 1;
        let isOver = false;
        return () => {
          if (isOver) return;
          isOver = true;
          users -= 1;
          if (users === 0) http.close();
        };
      };
      const done = keep();
      try {
        let isSettled = false;
        let failure: unknown;
        for (const endpoint of endpoints) {
          try {
            const session = createSession({
              ...{ http, endpoint, scopes, wantIdentity, signal, keep, api: index ? 'v1/' : 'v2/' },
              credentials: endpoint.mirror ? nobody(credentials) : credentials,
            });
            if (!index) await session.ping();
            // A mirror may lack what the hub has; any other address that answers is the registry.
            isSettled = !endpoint.mirror && !index;
            return await work(session, () => {
              isSettled = true;
            });
          } catch (error) {
            if (isSettled || signal?.aborted) throw error;
            failure = error;
          }
        }
        throw failure;
      } finally {
        done();
      }
    },
    async fetch(url, signal, work) {
      const http = createHttp(trust([]), environment);
      try {
        let answer = await http.send({ method: 'GET', url, signal });
        for (let count = 0; isRedirect(answer); count++) {
          answer.body.resume();
          const next = URL.parse(answer.headers.location ?? '', answer.url.href);
          if (count === mostRedirects || !next || !/^https?:$/.test(next.protocol))
            throw new EngineError('internal', `${url.href} leads nowhere`);
          answer = await http.send({ method: 'GET', url: next, signal });
        }
        if (answer.status >= 400) throw await failureIn(answer);
        return await work(answer);
      } finally {
        http.close();
      }
    },
  };
}

const nobody = (credentials: Credentials): Credentials => ({
  ...credentials,
  ...{ username: '', password: '', identityToken: '', registryToken: '' },
});

/** Certificates of docker's hub are in a folder of its name in images. */
const nameOf = (host: string): string => (host === hub.host ? hub.domain : host);
