import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export const digestOf = (content: Buffer | string): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** What came to a server, in short. */
export interface Seen {
  method: string;
  path: string;
  authorization: string | undefined;
  range: string | undefined;
}

/** Answers a request in its own way, or returns false to leave it to the registry. */
export type Hook = (request: IncomingMessage, response: ServerResponse) => boolean | undefined;

/** A registry in this process that can be made to misbehave. */
export interface FakeRegistry {
  address: string;
  blobs: Map<string, Buffer>;
  /** By `repository:tag` and by `repository@digest`. */
  manifests: Map<string, { mediaType: string; content: Buffer }>;
  seen: Seen[];
  hook: Hook;
  addBlob(content: Buffer | string): { digest: string; size: number };
  /** Stores a manifest, a Buffer or an object that becomes JSON. */
  addManifest(name: string, manifest: object | Buffer, mediaType?: string): string;
  close(): void;
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

export async function startFakeRegistry(): Promise<FakeRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests: FakeRegistry['manifests'] = new Map();
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry');
    const { authorization, range } = request.headers;
    const method = request.method ?? '';
    seen.push({ method, path: request.url ?? '', authorization, range });
    if (fake.hook(request, response)) return;
    const refuse = (status: number, code: string) =>
      response.writeHead(status).end(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
    const send = (content: Buffer, headers = {}) => {
      const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      const part = content.subarray(start);
      const partly =
        start === 0 ? {} : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
      response.writeHead(start === 0 ? 200 : 206, { 'content-length': part.length, ...partly, ...headers });
      response.end(method === 'HEAD' ? undefined : part);
    };
    const [, repository = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.*)$/.exec(pathname) ?? [];
    if (kind === 'manifests' && method === 'PUT') {
      fake.addManifest(`${repository}:${reference}`, await buffer(request), request.headers['content-type']);
      response.writeHead(201).end();
    } else if (kind === 'manifests') {
      const found = manifests.get(`${repository}${reference.includes(':') ? '@' : ':'}${reference}`);
      if (found) send(found.content, { 'content-type': found.mediaType });
      else refuse(404, 'MANIFEST_UNKNOWN');
    } else if (kind === 'blobs' && reference.startsWith('uploads/')) {
      const body = await buffer(request);
      const digest = searchParams.get('digest');
      const location = `/v2/${repository}/blobs/uploads/1`;
      if (method === 'POST') response.writeHead(202, { location }).end();
      else if (method === 'PATCH') {
        uploading = Buffer.concat([uploading, body]);
        response.writeHead(202, { location, range: `0-${uploading.length - 1}` }).end();
      } else if (method === 'GET')
        response.writeHead(204, { location, range: `0-${uploading.length - 1}` }).end();
      else {
        const content = Buffer.concat([uploading, body]);
        uploading = Buffer.alloc(0);
        if (digestOf(content) !== digest) return void refuse(400, 'DIGEST_INVALID');
        blobs.set(digest, content);
        response.writeHead(201).end();
      }
    } else if (kind === 'blobs') {
      const found = blobs.get(reference);
      if (found) send(found);
      else refuse(404, 'BLOB_UNKNOWN');
    } else response.writeHead(pathname === '/v2/' ? 200 : 404).end();
  });
  let uploading: Buffer = Buffer.alloc(0);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeRegistry = {
    ...{ address: `127.0.0.1:${(server.address() as AddressInfo).port}`, blobs, manifests, seen },
    hook: () => false,
    addBlob(content) {
      const bytes = Buffer.from(content as string);
      blobs.set(digestOf(bytes), bytes);
      return { digest: digestOf(bytes), size: bytes.length };
    },
    addManifest(name, manifest, mediaType = manifestType) {
      const content = Buffer.isBuffer(manifest) ? manifest : Buffer.from(JSON.stringify(manifest));
      const digest = digestOf(content);
      manifests.set(name, { mediaType, content });
      manifests.set(`${name.replace(/:[^:]*$/, '')}@${digest}`, { mediaType, content });
      return digest;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return fake;
}
