import { createHash } from 'node:crypto';
import { makeTar } from '../storage/tar.fixture.ts';

export const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
export const digestOf = (data: Buffer | string) => `sha256:${sha256(data)}`;

export type Entry = Parameters<typeof makeTar>[0][number];

export interface Built {
  id: string;
  config: string;
  layers: Buffer[];
}

/** An image with a layer for each list of entries. */
export async function build(...layers: Entry[][]): Promise<Built> {
  const tars = await Promise.all(layers.map(makeTar));
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-02T03:04:05.678901234Z',
    config: { Cmd: ['sh'], Env: ['PATH=/bin'], Labels: { tier: 'test' } },
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
  });
  return { id: digestOf(config), config, layers: tars };
}

/** As `docker save` wrote it until docker 24; its manifest comes last. */
export function dockerArchive({ config, layers }: Built, RepoTags: string[] | null): Promise<Buffer> {
  const named = layers.map((content, at) => ({ name: `${at}${sha256('v1').slice(1)}/layer.tar`, content }));
  const manifest = [{ Config: `${sha256(config)}.json`, RepoTags, Layers: named.map(({ name }) => name) }];
  return makeTar([
    ...named,
    { name: `${sha256(config)}.json`, content: config },
    { name: 'manifest.json', content: JSON.stringify(manifest) },
  ]);
}

const ociType = 'application/vnd.oci.image';

/** An OCI layout with an index inside of its index, as builders write it. */
export function ociArchive(
  { config, layers }: Built,
  annotations: Record<string, string>,
  platform = 'amd64',
) {
  const manifest = JSON.stringify({
    mediaType: `${ociType}.manifest.v1+json`,
    config: { digest: digestOf(config) },
    layers: layers.map((layer) => ({ digest: digestOf(layer) })),
  });
  const attestation = JSON.stringify({ config: {}, layers: [] });
  const index = JSON.stringify({
    manifests: [
      { digest: digestOf(attestation), platform: { os: 'unknown', architecture: 'unknown' } },
      { digest: digestOf(manifest), platform: { os: 'linux', architecture: platform } },
    ],
  });
  const top = {
    manifests: [{ mediaType: `${ociType}.index.v1+json`, digest: digestOf(index), annotations }],
  };
  const blobs = [config, manifest, attestation, index, ...layers];
  return makeTar([
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: JSON.stringify(top) },
    ...blobs.map((content) => ({ name: `blobs/sha256/${sha256(content)}`, content })),
  ]);
}

/** Layers of which the upper one takes a file away. */
export const two: Entry[][] = [
  [
    { name: 'bin', type: 'directory' },
    { name: 'bin/a', content: 'first' },
    { name: 'bin/gone', content: 'x' },
  ],
  [{ name: 'bin/.wh.gone' }, { name: 'bin/b', content: 'second' }],
];
