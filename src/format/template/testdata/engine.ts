import { createServer } from 'node:http';

/**
 * Listens on a socket and answers as an engine of API version 1.50 that has these objects, by their paths; a text is
 * sent as it is. Returns how to end it.
 */
export async function serveObjects(
  objects: Readonly<Record<string, unknown>>,
  socket: string,
): Promise<() => void> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').replace(/^\/v[\d.]+/, '').replace(/\?.*/, ''));
    response.setHeader('Api-Version', '1.50').setHeader('Content-Type', 'application/json');
    const found = objects[path];
    if (path === '/_ping') response.end('OK');
    else if (found !== undefined) response.end(typeof found === 'string' ? found : JSON.stringify(found));
    else response.writeHead(404).end(JSON.stringify({ message: `no such object: ${path}` }));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
