import type { ServerResponse } from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { tar } from '../support/image.ts';
import { type Asked, configOf, digestOf, honest, type Manifest, type Offer, offerOf } from './offer.ts';

/** Something that a registry does to whoever pulls from it, and what the engine says of it. */
export interface HostileAnswer {
  what: string;
  says: RegExp;
  /** The image; an honest one unless told otherwise. */
  offer?(): Promise<Offer>;
  /** Answers a request, or returns false to have it answered honestly. */
  answer?(asked: Asked): boolean;
  /** Whether all tags are asked for. */
  all?: boolean;
}

const changed =
  (change: (manifest: Manifest) => unknown): (() => Promise<Offer>) =>
  async () => ({ ...(await honest()), change });

const withConfig =
  (config: (diffId: string) => string): (() => Promise<Offer>) =>
  async () => {
    const offer = await honest();
    return { ...offer, config: config(offer.diffId) };
  };

const withLayer =
  (layer: (archive: Buffer) => Buffer): (() => Promise<Offer>) =>
  async () => {
    const archive = await tar([{ name: 'file', content: 'x'.repeat(5000) }]);
    return { ...offerOf(archive), layer: layer(archive) };
  };

/** Answers one kind of request in another way. */
const to =
  (kind: Asked['kind'], act: (asked: Asked) => unknown) =>
  (asked: Asked): boolean => {
    if (asked.kind !== kind) return false;
    act(asked);
    return true;
  };

/** Sends until nobody listens any more. */
function sendForEver(response: ServerResponse, piece: string): void {
  const go = () => {
    while (!response.destroyed && response.write(piece.repeat(1000)));
  };
  response.on('drain', go);
  go();
}

const refuse = (response: ServerResponse, status: number, body: string, headers = {}) =>
  response.writeHead(status, headers).end(body);

/** An index, whatever digest is asked for. */
const indexTo = (digest: string) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ mediaType: 'x', digest, size: 1, platform: { os: 'linux', architecture: 'amd64' } }],
  });
const sendIndex = ({ response }: Asked, content: string) =>
  response.writeHead(200, { 'content-type': 'application/vnd.oci.image.index.v1+json' }).end(content);

/** Bytes that look like a layer of 100 MB when they are unpacked. */
const bomb = async (): Promise<Buffer> =>
  zstdCompressSync(await tar([{ name: 'bomb', content: Buffer.alloc(100_000_000) }]));

export const hostileAnswers: HostileAnswer[] = [
  // These two are tried again for a while: they come first, so that the others pass meanwhile.
  {
    what: 'sends a smaller layer than it said, time and again',
    says: /cannot fetch sha256:\w+: unexpected EOF after \d+ of 1000000 bytes/,
    offer: changed((m) => ({ ...m, layers: m.layers.map((layer) => ({ ...layer, size: 1_000_000 })) })),
  },
  {
    what: 'closes the connection in the middle, always',
    says: /cannot fetch sha256:\w+: (?:unexpected EOF|aborted)/,
    answer: to('config', ({ response, offer }) => {
      response.writeHead(200, { 'content-length': offer.config.length });
      response.write('{', () => response.destroy());
    }),
  },
  {
    what: 'sends another layer than its digest says',
    says: /not what it should be: expected sha256:/,
    answer: to('layer', ({ response, offer }) => response.end(Buffer.alloc(offer.layer.length, 7))),
  },
  {
    what: 'sends a larger layer than it said',
    says: /has more than its \d+ bytes/,
    answer: to('layer', ({ response, offer }) => {
      response.write(offer.layer);
      sendForEver(response, 'more');
    }),
  },
  {
    what: 'sends a layer with another DiffID than its configuration says',
    says: /the layer is not the one it should be/,
    offer: withConfig(() => configOf(digestOf('another'))),
  },
  {
    what: 'sends half a gzip',
    says: /the gzip data is broken or cut short/,
    offer: withLayer((archive) => gzipSync(archive).subarray(0, 60)),
  },
  {
    what: 'sends half a zstd',
    says: /the zstd data is broken or cut short/,
    offer: withLayer((archive) => zstdCompressSync(archive).subarray(0, 30)),
  },
  {
    what: 'sends a gzip that is damaged',
    says: /the gzip data is broken or cut short/,
    offer: withLayer((archive) => {
      const packed = gzipSync(archive);
      packed.writeUInt32LE(0xdeadbeef, packed.length - 8);
      return packed;
    }),
  },
  {
    what: 'sends a bomb',
    says: /no space left on device for a layer of at least 100000000 bytes/,
    offer: async () => ({ ...(await honest()), layer: await bomb() }),
  },
  {
    what: 'sends a manifest of 100 MB',
    says: /has more than 4194304 bytes/,
    answer: to('manifest', ({ response }) => response.end(Buffer.alloc(100_000_000, ' '))),
  },
  {
    what: 'sends a manifest without end',
    says: /has more than 4194304 bytes/,
    answer: to('manifest', ({ response }) => sendForEver(response, '{"a":')),
  },
  {
    what: 'sends a manifest that is no JSON',
    says: /invalid manifest sha256:/,
    answer: to('manifest', ({ response }) => response.end('<html>')),
  },
  {
    what: 'sends a manifest that is deeper than it is wise',
    says: /invalid manifest sha256:/,
    answer: to('manifest', ({ response }) => response.end(`{"layers":${'['.repeat(1_000_000)}`)),
  },
  {
    what: 'sends a manifest in the old form',
    says: /schema 1/,
    offer: changed(() => ({ schemaVersion: 1, fsLayers: [] })),
  },
  {
    what: 'sends an index that points at itself',
    says: /manifest verification failed for digest sha256:0{64}/,
    answer: to('manifest', (asked) => sendIndex(asked, indexTo(`sha256:${'0'.repeat(64)}`))),
  },
  {
    what: 'sends an index that leads to another',
    says: /an index holds another index|no matching manifest/,
    answer: to('manifest', (asked) => {
      const inner = indexTo(digestOf('innermost'));
      sendIndex(asked, asked.reference.startsWith('sha256:') ? inner : indexTo(digestOf(inner)));
    }),
  },
  {
    what: 'sends an index without anything',
    says: /no matching manifest for linux\/\w+ in the manifest list entries/,
    offer: changed(() => ({ schemaVersion: 2, manifests: [] })),
  },
  {
    what: 'sends a manifest that is an index as well',
    says: /an index and a manifest at once/,
    offer: changed((manifest) => ({ ...manifest, manifests: [] })),
  },
  {
    what: 'has a digest that is a path',
    says: /invalid checksum digest/,
    offer: changed((m) => ({ ...m, layers: [{ ...m.layers[0], digest: 'sha256:../../../etc/passwd' }] })),
  },
  {
    what: 'has a digest of a kind that nobody checks',
    says: /unsupported digest algorithm/,
    offer: changed((m) => ({ ...m, layers: [{ ...m.layers[0], digest: `md5:${'0'.repeat(32)}` }] })),
  },
  {
    what: 'has a layer of negative size',
    says: /its size is negative/,
    offer: changed((m) => ({ ...m, layers: [{ ...m.layers[0], size: -1 }] })),
  },
  {
    what: 'has ten thousand layers',
    says: /the image has 10000 layers, 500 at most are taken/,
    offer: changed((m) => ({ ...m, layers: Array.from({ length: 10_000 }, () => m.layers[0]) })),
  },
  {
    what: 'has another number of layers than its configuration',
    says: /it has 1 layers, its configuration has 2/,
    offer: withConfig((diffId) => configOf(diffId, diffId)),
  },
  {
    what: 'has a configuration that is no JSON',
    says: /invalid image configuration/,
    offer: withConfig(() => 'no JSON'),
  },
  {
    what: 'has a configuration that is a list',
    says: /invalid image configuration/,
    offer: withConfig(() => '[]'),
  },
  {
    what: 'has a configuration with a DiffID that is a path',
    says: /invalid layer digest|not the one it should be/,
    offer: withConfig(() => configOf('sha256:../../../../etc')),
  },
  {
    what: 'has a configuration for another system',
    says: /cannot load windows image on linux/,
    offer: withConfig((diffId) => configOf(diffId).replace('"linux"', '"windows"')),
  },
  {
    what: 'has a configuration of a gigabyte',
    says: /the configuration sha256:\w+ is too large/,
    offer: changed((m) => ({ ...m, config: { ...m.config, size: 1_000_000_000 } })),
  },
  {
    what: 'sends another configuration than it said',
    says: /image config verification failed for digest/,
    answer: to('config', ({ response, offer }) => response.end(' '.repeat(offer.config.length))),
  },
  {
    what: 'sends a configuration without end',
    says: /has more than its \d+ bytes/,
    answer: to('config', ({ response }) => sendForEver(response, ' ')),
  },
  {
    what: 'sends another part than was asked for',
    says: /answered with another part than was asked for/,
    answer: to('config', ({ response, offer, request }) => {
      if (request.headers.range)
        response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end('0123456789');
      else {
        response.writeHead(200, { 'content-length': offer.config.length });
        response.write('{', () => response.destroy());
      }
    }),
  },
  {
    what: 'redirects to another host, which gets no credentials',
    says: /has more than its \d+ bytes/,
    answer: to('config', ({ response, request }) => {
      const port = request.socket.localPort;
      response.writeHead(307, { location: `http://localhost:${port}/elsewhere` }).end();
    }),
  },
  {
    what: 'redirects without end',
    says: /leads nowhere/,
    answer: to('config', ({ response, request }) => response.writeHead(307, { location: request.url }).end()),
  },
  {
    what: 'redirects to a file',
    says: /leads nowhere: it redirects to file:\/\/\/etc\/shadow/,
    answer: to('config', ({ response }) => response.writeHead(302, { location: 'file:///etc/shadow' }).end()),
  },
  {
    what: 'asks who it is for ever',
    says: /unauthorized: authentication required/,
    answer: to('manifest', ({ response }) =>
      refuse(response, 401, '', { 'www-authenticate': 'Basic realm="x"' }),
    ),
  },
  {
    what: 'asks for a token for ever, and gives one each time',
    says: /unauthorized: authentication required/,
    answer: ({ kind, request, response }) => {
      if (kind === 'other') response.end('{"token":"not good enough"}');
      else if (kind === 'ping') return false;
      else refuse(response, 401, '', { 'www-authenticate': `Bearer realm="${tokenPlace(request)}"` });
      return true;
    },
  },
  {
    what: 'has a token without end',
    says: /has more than 1048576 bytes/,
    answer: ({ kind, request, response }) => {
      if (kind === 'other') sendForEver(response, 'token');
      else if (kind === 'ping') return false;
      else refuse(response, 401, '', { 'www-authenticate': `Bearer realm="${tokenPlace(request)}"` });
      return true;
    },
  },
  {
    what: 'has a token that is no JSON',
    says: /did not include a token in the response/,
    answer: ({ kind, request, response }) => {
      if (kind === 'other') response.end('<html>');
      else if (kind === 'ping') return false;
      else refuse(response, 401, '', { 'www-authenticate': `Bearer realm="${tokenPlace(request)}"` });
      return true;
    },
  },
  {
    what: 'has its tokens in a file',
    says: /names no server for its tokens/,
    answer: to('manifest', ({ response }) =>
      refuse(response, 401, '', { 'www-authenticate': 'Bearer realm="file:///etc/shadow"' }),
    ),
  },
  {
    what: 'is busy for a week',
    says: /received unexpected HTTP status: 429 Too Many Requests/,
    answer: to('manifest', ({ response }) => refuse(response, 429, '', { 'retry-after': '604800' })),
  },
  {
    what: 'is busy whenever it is asked',
    says: /received unexpected HTTP status: 503 Service Unavailable/,
    answer: to('manifest', ({ response }) => refuse(response, 503, 'x', { 'retry-after': '0' })),
  },
  {
    what: 'refuses without end',
    says: /received unexpected HTTP status: 500 Internal Server Error/,
    answer: to('manifest', ({ response }) => {
      response.writeHead(500);
      sendForEver(response, 'no');
    }),
  },
  {
    what: 'writes to the terminal',
    says: /unknown: two lines \[2J and more/,
    answer: to('manifest', ({ response }) =>
      refuse(
        response,
        400,
        '{"errors":[{"code":"UNKNOWN","message":"two\\nlines\\u001b[2J\\u202e and more"}]}',
      ),
    ),
  },
  {
    what: 'speaks no HTTP',
    says: /Get ".*": /,
    answer: to('manifest', ({ response }) => response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n')),
  },
  {
    what: 'has tags without end',
    says: /the list of tags of case-\d+ has no end/,
    all: true,
    answer: to('other', ({ request, response }) => {
      const next = new URL(request.url ?? '', 'http://registry').pathname;
      response.writeHead(200, { link: `<${next}?n=1>; rel="next"` }).end('{"tags":["a"]}');
    }),
  },
  {
    what: 'has tags that are paths',
    says: /the list of tags of case-\d+ cannot be read/,
    all: true,
    answer: to('other', ({ response }) => response.end('{"tags":["../../../../secret"]}')),
  },
  {
    what: 'has tags that are no list',
    says: /the list of tags of case-\d+ cannot be read/,
    all: true,
    answer: to('other', ({ response }) => response.end('nothing')),
  },
];

const tokenPlace = ({ url, headers }: Asked['request']) =>
  `http://${headers.host}${url?.replace(/\/manifests\/.*/, '/token/x')}`;
