import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface HttpAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** One request on a Unix socket, with Node's own client. */
export async function requestOn(
  socketPath: string,
  method: string,
  path: string,
  body?: string | Buffer,
): Promise<HttpAnswer> {
  const type = typeof body === 'string' ? 'application/json' : 'application/x-tar';
  const headers =
    body === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
  const outgoing = request({ socketPath, method, path, headers, agent: false });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}
