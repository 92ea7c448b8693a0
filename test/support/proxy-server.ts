// A proxy: `node proxy-server.ts PORT LOG HOST:PORT=PORT…`. It writes down what it is asked for, knows the named hosts
// alone, and finds them at ports of 127.0.0.1.
import { appendFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { connect } from 'node:net';

const [port = '', log = '', ...hosts] = process.argv.slice(2);
const places = new Map(hosts.map((host) => host.split('=') as [string, string]));
const told = (what: string) => appendFileSync(log, `${what}\n`);

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '');
  told(`${request.method} ${url.href}`);
  const place = places.get(`${url.hostname}:${url.port || 80}`);
  if (place === undefined) return void response.writeHead(502).end();
  const { method, headers } = request;
  const options = { host: '127.0.0.1', port: place, path: `${url.pathname}${url.search}`, method, headers };
  const forwarded = send(options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  forwarded.on('error', () => response.destroy());
  request.pipe(forwarded);
});
server.on('connect', (request, socket) => {
  told(`CONNECT ${request.url}`);
  const place = places.get(request.url ?? '');
  if (place === undefined) return void socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  const other = connect(Number(place), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    other.pipe(socket).pipe(other);
  });
  for (const [one, two] of [
    [socket, other],
    [other, socket],
  ] as const)
    one.on('error', () => two.destroy());
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
