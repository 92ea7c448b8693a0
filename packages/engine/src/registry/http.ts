import {
  type AgentOptions,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestPlain,
} from 'node:http';
import { Agent as HttpsAgent, request as requestSecure } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Readable } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { EngineError } from '../errors.ts';
import { createProxyChooser } from '../proxies.ts';

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  headers?: OutgoingHttpHeaders;
  body?: Readable | Buffer | string;
  signal?: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  statusText: string;
  headers: IncomingHttpHeaders;
  /** Must be read to its end, resumed or destroyed. */
  body: IncomingMessage;
  /** Where it came from, after redirects. */
  url: URL;
}

/** How connections to one host are secured. */
export interface Trust {
  context?: SecureContext;
  /** Accept any certificate. */
  insecure: boolean;
}

/** Sends requests, over connections that are kept for the next one until `close`. */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

/** Milliseconds of silence after which a connection counts as broken. */
const longestSilence = 60_000;

/** `environment` has the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case. */
export function createHttp(trust: (host: string) => Trust, environment: NodeJS.ProcessEnv): Http {
  const proxyFor = createProxyChooser(environment);
  const agents = new Map<string, HttpAgent | HttpsAgent>();
  const agentFor = ({ protocol, host }: URL, proxy: string | null): HttpAgent | HttpsAgent => {
    const isSecure = protocol === 'https:';
    const key = `${isSecure ? host : ''} ${proxy ?? ''}`;
    const known = agents.get(key);
    if (known) return known;
    const common = {
      keepAlive: true,
      ...(proxy !== null && { proxyEnv: { [isSecure ? 'HTTPS_PROXY' : 'HTTP_PROXY']: proxy } }),
    };
    const agent = isSecure ? secureAgent(host, common) : new HttpAgent(common);
    agents.set(key, agent);
    return agent;
  };
  const secureAgent = (host: string, common: AgentOptions): HttpsAgent => {
    const { context, insecure } = trust(host);
    return new HttpsAgent({ ...common, secureContext: context, rejectUnauthorized: !insecure });
  };
  return {
    send({ method, url, headers, body, signal }) {
      return new Promise((resolve, reject) => {
        const proxy = proxyFor(url);
        const options = { method, headers, signal, timeout: longestSilence, agent: agentFor(url, proxy) };
        const request = url.protocol === 'https:' ? requestSecure(url, options) : requestPlain(url, options);
        request.once('response', (answer) => {
          const { statusCode = 0, statusMessage = '' } = answer;
          // An answer that breaks off is told to whoever reads it, and to nobody when nobody does.
          answer.on('error', () => undefined);
          const { headers: received } = answer;
          resolve({
            ...{ status: statusCode, statusText: `${statusCode} ${statusMessage}`.trim() },
            ...{ headers: received, body: answer, url },
          });
        });
        request.once('timeout', () => {
          request.destroy(new Error(`no sign of life for ${longestSilence / 1000} seconds`));
        });
        request.on('error', (error) =>
          reject(signal?.aborted ? signal.reason : unreachable(method, url, proxy !== null, error)),
        );
        if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) request.end(body);
        else {
          // The server may have answered, or gone, before it has read everything.
          body.once('error', (error) => request.destroy(error));
          request.once('close', () => body.destroy());
          body.pipe(request);
        }
      });
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

/** A request that did not reach its server, or whose answer never came. */
export class Unreachable extends EngineError {
  override name = 'Unreachable';
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ECONNRESET: 'connection reset by peer',
};

function unreachable(
  method: string,
  url: URL,
  isProxied: boolean,
  error: NodeJS.ErrnoException,
): Unreachable {
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  const through = isProxied && error.syscall === 'connect' ? 'proxyconnect tcp: ' : '';
  const reason = `${through}${dialled(error)}${reasons[error.code ?? ''] ?? error.message}`;
  return new Unreachable('internal', `${verb} "${url.origin}${url.pathname}": ${reason}`, { cause: error });
}

/** How far a request came that did not get through, in the words that docker's users search for. */
function dialled({ syscall, ...error }: NodeJS.ErrnoException): string {
  const { address, port, hostname } = error as { address?: string; port?: number; hostname?: string };
  if (syscall === 'connect' && address !== undefined) {
    return `dial tcp ${isIPv6(address) ? `[${address}]` : address}:${port}: connect: `;
  }
  return syscall === 'getaddrinfo' && hostname !== undefined ? `dial tcp: lookup ${hostname}: ` : '';
}

/** Reads an answer whole. Throws when it has more than `limit` bytes: it is never cut. */
export async function readBody({ body, url }: HttpAnswer, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new EngineError('internal', `${url.href} has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
