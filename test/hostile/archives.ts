import { gzipSync } from 'node:zlib';
import { busyboxImage, dockerArchive, type Entry, tar } from '../support/image.ts';
import { configOf, digestOf } from './offer.ts';

/** Image archives that no honest program writes, and what the engine says of them. */
export interface HostileArchive {
  what: string;
  says: RegExp;
  archive(): Promise<Buffer>;
}

const json = (name: string, content: unknown): Entry => ({ name, content: JSON.stringify(content) });
const manifest = (more: object) =>
  json('manifest.json', [{ Config: 'config.json', RepoTags: null, ...more }]);
const evil = (what: string, says: RegExp, ...entries: Entry[]): HostileArchive => ({
  ...{ what, says },
  archive: () => tar(entries),
});

const indexPath = (content: string) => `blobs/sha256/${digestOf(content).slice(7)}`;
const indexType = 'application/vnd.oci.image.index.v1+json';
const innermost = JSON.stringify({ manifests: [{ mediaType: indexType, digest: digestOf('nothing') }] });

export const hostileArchives: HostileArchive[] = [
  evil('has nothing in it', /neither manifest\.json nor index\.json/),
  evil(
    'wants a layer from outside',
    /leads out of the directory/,
    json('config.json', JSON.parse(configOf(digestOf('x')))),
    manifest({ Layers: ['../../../../etc/shadow'] }),
  ),
  evil(
    'wants a layer through a link',
    /layer "layer\.tar" is missing/,
    { name: 'layer.tar', type: 'symlink', linkname: '/etc/shadow' },
    json('config.json', JSON.parse(configOf(digestOf('x')))),
    manifest({ Layers: ['layer.tar'] }),
  ),
  evil(
    'wants a configuration from outside',
    /leads out/,
    manifest({ Config: '../../../etc/passwd', Layers: [] }),
  ),
  evil('has a configuration that is no JSON', /invalid image archive|is missing/, manifest({ Layers: [] }), {
    name: 'config.json',
    content: 'no JSON',
  }),
  evil('has a manifest that is no list', /invalid image archive: manifest\.json/, json('manifest.json', {})),
  evil('has a manifest that is broken', /invalid image archive: manifest\.json/, {
    name: 'manifest.json',
    content: '[{"Config":',
  }),
  evil('has a tag that is none', /invalid reference format/, json('config.json', JSON.parse(configOf())), {
    ...manifest({ Layers: [], RepoTags: ['../../x:1'] }),
  }),
  evil('has a manifest of 20 MB', /neither manifest\.json nor index\.json/, {
    name: 'manifest.json',
    content: `[${' '.repeat(20_000_000)}]`,
  }),
  evil(
    'has an index that is not what its digest says',
    /has the digest sha256:/,
    json('index.json', { manifests: [{ mediaType: indexType, digest: `sha256:${'0'.repeat(64)}` }] }),
    { name: `blobs/sha256/${'0'.repeat(64)}`, content: innermost },
  ),
  evil(
    'has an index that leads nowhere',
    /its manifest is missing/,
    json('index.json', { manifests: [{ mediaType: indexType, digest: digestOf(innermost) }] }),
    { name: indexPath(innermost), content: innermost },
  ),
  evil(
    'has an index with a digest that is a path',
    /invalid digest "sha256:\.\.\/\.\.\/etc\/passwd"/,
    json('index.json', { manifests: [{ mediaType: indexType, digest: 'sha256:../../etc/passwd' }] }),
  ),
  {
    what: 'has a header without end',
    says: /a header is too large/,
    // The beginning of it is enough.
    archive: async () =>
      (await tar([{ name: 'manifest.json', pax: { comment: 'x'.repeat(4_000_000) } }])).subarray(0, 2048),
  },
  {
    what: 'is cut short',
    says: /cut short/,
    archive: async () => (await dockerArchive([await busyboxImage()])).subarray(0, 100_000),
  },
  {
    what: 'is a gzip that is cut short',
    says: /gzip data is broken or cut short/,
    archive: async () => gzipSync(await dockerArchive([await busyboxImage()])).subarray(0, 100_000),
  },
  {
    what: 'has a layer that is a bomb',
    says: /no space left on device for a layer of at least 200000000 bytes/,
    archive: async () =>
      tar([{ name: 'layer.tar', content: gzipSync(await tar([{ name: 'b', content: Buffer.alloc(2e8) }])) }]),
  },
];
