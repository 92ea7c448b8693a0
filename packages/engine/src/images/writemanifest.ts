import { digestOf, type FetchedManifest, mediaTypes } from '../registry/manifests.ts';
import type { LayerBlob } from '../state/images.ts';

const ociOf: Record<string, string> = {
  [mediaTypes.layer]: mediaTypes.ociLayer,
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar',
};

/**
 * Describes an image for a registry: in docker's form, which every registry takes, unless one of its layers is
 * known in OCI's only.
 */
export function writeManifest(config: Buffer, layers: readonly LayerBlob[]): FetchedManifest {
  const isOci = layers.some(({ mediaType }) => mediaType.startsWith('application/vnd.oci.'));
  const mediaType = isOci ? mediaTypes.ociManifest : mediaTypes.manifest;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: isOci ? mediaTypes.ociConfig : mediaTypes.config,
      size: config.length,
      digest: digestOf(config),
    },
    layers: layers.map((layer) => ({
      mediaType: isOci ? (ociOf[layer.mediaType] ?? layer.mediaType) : layer.mediaType,
      size: layer.size,
      digest: layer.digest,
    })),
  };
  const content = Buffer.from(JSON.stringify(manifest, null, 3));
  return { digest: digestOf(content), mediaType, content };
}
