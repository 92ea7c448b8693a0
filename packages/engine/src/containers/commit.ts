import type { ContainerConfig } from '@davit/api';
import type { ContainerRecord } from '../state/containers.ts';
import { packUpper } from '../storage/upper.ts';
import type { Context } from './context.ts';

export interface CommitRequest {
  container: string;
  /** Name of the new image; empty for none. */
  repository: string;
  tag: string;
  comment: string;
  author: string;
  /** Whether the container stands still while it is copied. */
  pause: boolean;
  /** Dockerfile instructions. */
  changes: string[];
  /** What is set in here replaces what the container has. */
  config: Partial<ContainerConfig> | null;
}

/** Makes an image of a container: a layer of what it has written, above those of its image. */
export async function commitContainer(context: Context, request: CommitRequest): Promise<string> {
  const record = context.store.find(request.container);
  const { repository, tag, comment, author, changes } = request;
  const resume = request.pause ? await pause(context, record) : null;
  try {
    const { id, reference } = await context.images.commit(layerOf(context, record), {
      ...{ repository, tag, comment, author, changes },
      parent: record.imageId,
      container: record.id,
      config: { ...record.config, ...given(request.config) },
      command: [record.path, ...record.args],
    });
    context.publish('commit', record, { comment, imageID: id, imageRef: reference });
    return id;
  } finally {
    await resume?.();
  }
}

/** What a body says of a configuration beyond the zero values that it is filled up with. */
function given(config: Partial<ContainerConfig> | null): Partial<ContainerConfig> {
  const isSet = (value: unknown) =>
    typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
  return Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => isSet(value)));
}

/** Lets a running container stand still; returns how it goes on. */
async function pause(context: Context, { id }: ContainerRecord): Promise<(() => Promise<void>) | null> {
  const { runtime, store, locks } = context;
  const isPaused = await locks.run(id, async () => {
    if (store.get(id)?.state.status !== 'running') return false;
    await runtime.pause(id);
    return true;
  });
  // It may have been killed meanwhile: then nothing is there to go on.
  return isPaused ? () => runtime.resume(id).catch(() => undefined) : null;
}

/** The tar of the layer that a container has written; null when it has written nothing. */
function layerOf(context: Context, { id, layers }: ContainerRecord): AsyncIterable<Buffer> | null {
  const { UpperDir: upper = '' } = context.roots.describe(id, layers);
  return packUpper(upper);
}
