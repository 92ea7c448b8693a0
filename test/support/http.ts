import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { buffer, text } from 'node:stream/consumers';

export interface HttpAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

async function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: string | Buffer,
): Promise<IncomingMessage> {
  const type = typeof body === 'string' ? 'application/json' : 'application/x-tar';
  const headers =
    body === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
  const outgoing = request({ socketPath, method, path, headers, agent: false });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

/** One request on a Unix socket, with Node's own client. */
export async function requestOn(...request: Parameters<typeof ask>): Promise<HttpAnswer> {
  const answer = await ask(...request);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}

/** The same for an answer that is no text. */
export async function requestBytes(...request: Parameters<typeof ask>): Promise<Buffer> {
  return buffer(await ask(...request));
}
