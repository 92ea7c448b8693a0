import type { ImageInspect } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { ImageStore } from '../state/images.ts';
import type { LayerStore } from '../storage/layers.ts';
import { imageConfigOf, readImageFile } from './config.ts';
import { familiarNames } from './list.ts';

/** Clients look into these without asking whether they are there. */
const emptyConfig = {
  User: '',
  Env: null,
  Cmd: null,
  Entrypoint: null,
  Volumes: null,
  WorkingDir: '',
  Labels: null,
  OnBuild: null,
};

const never = '0001-01-01T00:00:00Z';

/** All there is to know of an image. */
export function inspectImage(images: ImageStore, layers: Pick<LayerStore, 'path'>, id: string): ImageInspect {
  const image = images.get(id);
  if (!image) throw new EngineError('notFound', `No such image: ${id}`);
  const file = readImageFile(image.config);
  const { tags, digests } = familiarNames(images, id);
  const [top, ...below] = image.layers.map((diffId) => layers.path(diffId)).reverse();
  return {
    Id: id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: '',
    Comment: file.comment || file.history?.at(-1)?.comment || '',
    Created: file.created || never,
    DockerVersion: file.docker_version,
    Author: file.author,
    Config: { ...emptyConfig, ...imageConfigOf(file) },
    Architecture: file.architecture,
    ...(file.variant === '' ? {} : { Variant: file.variant }),
    Os: file.os || 'linux',
    Size: image.size,
    GraphDriver: {
      Name: 'overlay2',
      Data: {
        ...(below.length === 0 ? {} : { LowerDir: below.join(':') }),
        ...(top === undefined ? {} : { UpperDir: top }),
      },
    },
    RootFS: { Type: 'layers', Layers: [...image.layers] },
    Metadata: { LastTagTime: image.lastTagged || never },
  };
}
