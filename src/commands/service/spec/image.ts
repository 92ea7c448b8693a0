import { routes, type TaskSpec } from '@davit/api';
import type { CommandContext } from '../../../context.ts';
import type { Client } from '../../../http/client.ts';
import { splitImageName } from '../../image-name.ts';

/** An image's name with the tag that it has when none is written. */
export function taggedImage(image: string): string {
  const { tag, digest } = splitImageName(image);
  return tag === '' && digest === '' && image !== '' ? `${image}:latest` : image;
}

interface Resolved {
  task: TaskSpec;
  /** Why the image could not be resolved; empty when it was. */
  warning: string;
}

/**
 * A task whose image is held fast by its digest, and which is placed where the image runs: what a registry tells of
 * it. Nodes look for it on their own when no registry can be asked.
 */
export async function resolveImage(
  client: Client,
  task: TaskSpec,
  headers: Record<string, string>,
  { signal }: Pick<CommandContext, 'signal'>,
): Promise<Resolved> {
  const image = task.ContainerSpec?.Image ?? '';
  try {
    const { Descriptor, Platforms } = await client.call(routes.distributionInspect, {
      path: { name: image },
      headers,
      signal,
    });
    const { digest } = splitImageName(image);
    const fixed = digest === '' ? `${image}@${Descriptor.digest}` : image;
    const resolved = { ...task, ContainerSpec: { ...task.ContainerSpec, Image: fixed } };
    const platforms = (Platforms ?? []).map(({ architecture = '', os = '' }) => ({
      // How 32-bit machines of ARM call themselves differs.
      ...(architecture.toLowerCase() === 'arm' ? {} : { Architecture: architecture }),
      OS: os,
    }));
    if (platforms.length === 0) return { task: resolved, warning: '' };
    return { task: { ...resolved, Placement: { ...task.Placement, Platforms: platforms } }, warning: '' };
  } catch {
    signal.throwIfAborted();
    return {
      task,
      warning:
        `image ${image} could not be accessed on a registry to record\nits digest. Each node will access ${image} ` +
        'independently,\npossibly leading to different nodes running different\nversions of the image.\n',
    };
  }
}
