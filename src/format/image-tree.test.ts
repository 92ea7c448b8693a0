import { describe, expect, it } from 'vitest';
import { imageTree, type TreeImage } from './image-tree.ts';

describe('imageTree', () => {
  it('shows what an image holds for each platform', () => {
    const part = (architecture: string, size: number) => ({
      ID: `sha256:${architecture.padEnd(64, '0')}`,
      Kind: 'image',
      Size: { Total: size, Content: size / 2 },
      ImageData: {
        Platform: { os: 'linux', architecture },
        Containers: architecture === 'amd64' ? ['a'] : [],
      },
    });
    const image = {
      Id: `sha256:${'ab'.repeat(32)}`,
      RepoTags: ['web:1', 'web:latest'],
      Size: 3_000_000,
      Containers: 1,
      Manifests: [part('amd64', 2_000_000), part('arm64', 1_000_000)],
    } as unknown as TreeImage;
    expect(imageTree([image])).toBe(
      [
        'IMAGE            ID             DISK USAGE   CONTENT SIZE   EXTRA',
        'web:1            abababababab   3MB          1.5MB          in use',
        'web:latest       abababababab   3MB          1.5MB          in use',
        '├─ linux/amd64   amd640000000   2MB          1MB            in use',
        '└─ linux/arm64   arm640000000   1MB          500kB          ',
        '',
      ].join('\n'),
    );
  });
});
