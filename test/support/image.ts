import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';

/** One entry of a tar file; without `type` a regular file. */
export type Entry = Partial<Header> & Pick<Header, 'name'> & { content?: string | Buffer };

export interface ImageRecipe {
  tags: string[];
  /** Base first; each an uncompressed tar. */
  layers: Buffer[];
  config?: Record<string, unknown>;
}

/** A tar of these entries: root's, and always the same bytes. */
export async function tar(entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) {
    const mode = header.type === 'directory' ? 0o755 : 0o644;
    archive.entry({ mtime: new Date(0), mode, uid: 0, gid: 0, ...header }, content ?? '');
  }
  archive.finalize();
  return buffer(archive);
}

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

function configOf({ layers, config = {} }: ImageRecipe): string {
  const created = '2020-01-01T00:00:00Z';
  return JSON.stringify({
    architecture,
    os: 'linux',
    created,
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Cmd: ['sh'],
      ...config,
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
    history: layers.map(() => ({ created, created_by: 'tar' })),
  });
}

/** The ID that every engine gives to this image: the digest of its config. */
export function imageId(image: ImageRecipe): string {
  return `sha256:${sha256(configOf(image))}`;
}

/** The archive that `docker save` wrote for twelve years. */
export async function dockerArchive(images: ImageRecipe[]): Promise<Buffer> {
  const files = new Map<string, Buffer | string>();
  const manifest = images.map((image) => {
    const config = configOf(image);
    const Config = `${sha256(config)}.json`;
    files.set(Config, config);
    const Layers = image.layers.map((layer) => {
      const name = `${sha256(layer)}/layer.tar`;
      files.set(name, layer);
      return name;
    });
    return { Config, RepoTags: image.tags, Layers };
  });
  files.set('manifest.json', JSON.stringify(manifest));
  return tar([...files].map(([name, content]) => ({ name, content: Buffer.from(content) })));
}

/** The same images as an OCI image layout in a tar, names in the annotations that containerd writes. */
export async function ociLayout(images: ImageRecipe[]): Promise<Buffer> {
  const files = new Map<string, Buffer | string>();
  const blob = (mediaType: string, bytes: Buffer | string, annotations?: Record<string, string>) => {
    files.set(`blobs/sha256/${sha256(bytes)}`, bytes);
    return { mediaType, digest: `sha256:${sha256(bytes)}`, size: Buffer.byteLength(bytes), annotations };
  };
  const manifests = images.flatMap((image) => {
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: blob('application/vnd.oci.image.config.v1+json', configOf(image)),
      layers: image.layers.map((layer) => blob('application/vnd.oci.image.layer.v1.tar', layer)),
    });
    return image.tags.map((tag) =>
      blob('application/vnd.oci.image.manifest.v1+json', manifest, {
        'io.containerd.image.name': `docker.io/library/${tag}`,
        'org.opencontainers.image.ref.name': tag.split(':')[1] ?? 'latest',
      }),
    );
  });
  files.set('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  files.set('index.json', JSON.stringify({ schemaVersion: 2, manifests }));
  return tar([...files].map(([name, content]) => ({ name, content: Buffer.from(content) })));
}

/** A root filesystem of the machine's static busybox and nothing else. */
export async function busyboxLayer(busybox = '/bin/busybox'): Promise<Buffer> {
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  const directories = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'usr/bin', 'var'];
  return tar([
    ...directories.map((name) => ({
      name,
      type: 'directory' as const,
      ...(name === 'tmp' ? { mode: 0o1777 } : {}),
    })),
    { name: 'bin/busybox', mode: 0o755, content: readFileSync(busybox) },
    ...applets
      .filter((name) => name !== 'busybox')
      .map((name) => ({ name: `bin/${name}`, type: 'symlink' as const, linkname: 'busybox', mode: 0o777 })),
    { name: 'usr/bin/env', type: 'symlink', linkname: '../../bin/busybox', mode: 0o777 },
    {
      name: 'etc/passwd',
      content:
        'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www:/var:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n',
    },
    {
      name: 'etc/group',
      content: 'root:x:0:\ntty:x:5:\nwww-data:x:33:\nextra:x:77:www-data\nnobody:x:65534:\n',
    },
  ]);
}

/** `busybox:latest`, made offline. */
export async function busyboxImage(): Promise<ImageRecipe> {
  return { tags: ['busybox:latest'], layers: [await busyboxLayer()] };
}
