// A registry that is out to harm: `node registry.ts ADDRESS PORT`. What it does with a repository is told by the
// repository's name, `case-N`, the N-th of `hostileAnswers`; layers of `layer-N` are those of `hostileTars`.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { hostileAnswers } from './answers.ts';
import { type Asked, answerHonestly, digestOf, honest, offerOf, send } from './offer.ts';
import { hostileTars } from './tars.ts';

/** Authorization headers that came to the other address. */
const overheard: string[] = [];

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://registry');
  if (pathname === '/overheard') return send(response, JSON.stringify(overheard));
  if (request.headers.host?.startsWith('localhost')) {
    if (request.headers.authorization) overheard.push(request.headers.authorization);
    return send(response, 'what the other host has '.repeat(100));
  }
  const [, name = '', index = '', what = '', reference = ''] =
    /^\/v2\/(case|layer)-(\d+)\/(manifests|blobs|tags|token)\/(.*)$/.exec(pathname) ?? [];
  const behaviour = name === 'case' ? hostileAnswers[Number(index)] : undefined;
  const bad = name === 'layer' ? hostileTars[Number(index)] : undefined;
  const offer = bad ? offerOf(await bad.archive()) : await (behaviour?.offer ?? honest)();
  const isConfig = what === 'blobs' && reference === digestOf(offer.config);
  const kinds = { manifests: 'manifest', blobs: isConfig ? 'config' : 'layer' } as Record<
    string,
    Asked['kind']
  >;
  const kind = pathname === '/v2/' ? 'ping' : (kinds[what] ?? 'other');
  const asked = { kind, reference, offer, request, response };
  if (!behaviour?.answer?.(asked)) answerHonestly(asked);
}

const [, , address, port] = process.argv;
const server = createServer((request, response) => {
  answer(request, response).catch((error: Error) => response.destroy(error));
});
server.listen(Number(port), address, () => process.stdout.write('listening\n'));
