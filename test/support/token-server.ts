// A token server for a docker-registry: `node token-server.ts ADDRESS PORT KEY CERTIFICATE`. It knows one user, `user`
// with the password `secret`, who may do everything; others may pull from repositories below `public/`.
import { randomUUID, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

const [address = '', port = '', keyFile = '', certificateFile = ''] = process.argv.slice(2);
const key = readFileSync(keyFile);
const certificate = new X509Certificate(readFileSync(certificateFile)).raw.toString('base64');
const refreshToken = 'a-token-that-lasts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenFor(subject: string, audience: string, access: unknown[]): string {
  const now = Math.trunc(Date.now() / 1000);
  const head = encode({ typ: 'JWT', alg: 'RS256', x5c: [certificate] });
  const claims = {
    ...{ iss: 'davit-test', sub: subject, aud: audience, jti: randomUUID(), access },
    ...{ nbf: now - 10, iat: now, exp: now + 300 },
  };
  const signed = `${head}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

/** Who asks: a name, '' for nobody, null for someone who claims to be what he is not. */
function whoAsks(request: IncomingMessage, form: URLSearchParams): string | null {
  if (request.method === 'POST') return form.get('refresh_token') === refreshToken ? 'user' : null;
  const { authorization } = request.headers;
  if (authorization === undefined) return '';
  const expected = `Basic ${Buffer.from('user:secret').toString('base64')}`;
  return authorization === expected ? 'user' : null;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams;
  const user = whoAsks(request, form);
  if (user === null) {
    const errors = [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }];
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
    return;
  }
  const scopes = form.getAll('scope').flatMap((scope) => scope.split(' '));
  const access = scopes.map((scope) => {
    const [type, name = '', actions = ''] = scope.split(':');
    const granted = user !== '' ? actions.split(',') : name.startsWith('public/') ? ['pull'] : [];
    return { type, name, actions: granted };
  });
  const token = tokenFor(user, form.get('service') ?? '', access);
  const lasting = form.get('offline_token') === 'true' && user !== '';
  const body = { token, expires_in: 300, ...(lasting ? { refresh_token: refreshToken } : {}) };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(Number(port), address, () => process.stdout.write('listening\n'));
