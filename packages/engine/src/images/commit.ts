import type { ContainerConfig, ImageConfig } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { ImageStore, LayerRecord } from '../state/images.ts';
import type { LayerStore } from '../storage/layers.ts';
import { applyChanges } from './changes.ts';
import { imageIdOf, readImageFile } from './config.ts';

export interface CommitOptions {
  /** Name of the new image; empty for none. */
  repository: string;
  /** Its tag, or empty when the name has it or there is none. */
  tag: string;
  comment: string;
  author: string;
  /** Dockerfile instructions that change its configuration. */
  changes: string[];
  /** ID of the image that the container was made of. */
  parent: string;
  container: string;
  config: ContainerConfig;
  /** What the container ran, for the history. */
  command: string[];
}

export interface Committing {
  images: ImageStore;
  layers: LayerStore;
  held(layer: { diffId: string }): void;
}

/** What Docker's image files leave out when it is not set. */
const optionalFields = new Set([
  'ExposedPorts',
  'Healthcheck',
  'ArgsEscaped',
  'NetworkDisabled',
  'MacAddress',
  'StopSignal',
  'StopTimeout',
  'Shell',
]);

/** Makes an image of another one and a layer above it, if there is one, and names it; returns its ID. */
export async function commitImage(
  { images, layers, held }: Committing,
  archive: AsyncIterable<Buffer> | null,
  name: string | null,
  options: CommitOptions,
): Promise<string> {
  const parent = images.get(options.parent);
  if (!parent) throw new EngineError('notFound', `No such image: ${options.parent}`);
  const config = applyChanges(options.config as ImageConfig, options.changes);
  const below = parent.layers.map((diffId): LayerRecord => {
    if (layers.hold(diffId)) held({ diffId });
    return images.layer(diffId) ?? { diffId, size: 0 };
  });
  const own = archive ? await layers.unpack(archive) : null;
  if (own) held(own);

  const all = own ? [...below, own] : below;
  const created = new Date().toISOString();
  const file = writeFile(readParent(parent.config), { options, config, created, layers: all, isEmpty: !own });
  const id = imageIdOf(file);
  images.insert({ id, config: file, layers: all }, name === null ? [] : [name], created);
  return id;
}

/** The parent's file, of which what this engine does not know is kept too. */
function readParent(bytes: Buffer) {
  const { architecture, variant, os } = readImageFile(bytes);
  const { history } = JSON.parse(bytes.toString()) as { history?: unknown };
  return { architecture, variant, os: os || 'linux', history: Array.isArray(history) ? history : [] };
}

interface NewFile {
  options: CommitOptions;
  config: ImageConfig;
  created: string;
  layers: LayerRecord[];
  isEmpty: boolean;
}

function writeFile(parent: ReturnType<typeof readParent>, made: NewFile): Buffer {
  const { options, created, isEmpty } = made;
  const { author, comment } = options;
  const fields = Object.entries(made.config).filter(([key, value]) => value || !optionalFields.has(key));
  const entry = {
    created,
    ...(author === '' ? {} : { author }),
    created_by: options.command.join(' '),
    ...(comment === '' ? {} : { comment }),
    ...(isEmpty ? { empty_layer: true } : {}),
  };
  const file = {
    architecture: parent.architecture,
    ...(parent.variant === '' ? {} : { variant: parent.variant }),
    ...(author === '' ? {} : { author }),
    ...(comment === '' ? {} : { comment }),
    config: Object.fromEntries(fields),
    container: options.container,
    created,
    history: [...parent.history, entry],
    os: parent.os,
    rootfs: { type: 'layers', diff_ids: made.layers.map(({ diffId }) => diffId) },
  };
  return Buffer.from(JSON.stringify(file));
}
