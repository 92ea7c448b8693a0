import { createHash } from 'node:crypto';
import { type ImageConfig, type ImageFile, imageFile, ShapeError } from '@davit/api';
import { EngineError } from '../errors.ts';
import { parseTimestamp } from './times.ts';

/** The ID of the image with this configuration file. */
export function imageIdOf(config: Buffer): string {
  return `sha256:${createHash('sha256').update(config).digest('hex')}`;
}

/** The chain IDs of layers: each names a layer together with all that lie below it. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    const hash = below === undefined ? null : createHash('sha256').update(`${below} ${diffId}`);
    chain.push(hash ? `sha256:${hash.digest('hex')}` : diffId);
  }
  return chain;
}

/** Reads an image's configuration file, which may come from anywhere. Throws `badParameter`. */
export function readImageFile(bytes: Buffer): ImageFile {
  let file: ImageFile;
  try {
    file = imageFile(JSON.parse(bytes.toString()), '');
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error;
    throw new EngineError('badParameter', `invalid image configuration: ${error.message}`, { cause: error });
  }
  if (!['', 'linux'].includes(file.os))
    throw new EngineError('badParameter', `cannot load ${file.os} image on linux`);
  return file;
}

/** What containers of an image get from it: what is not set in its file is left out. */
export function imageConfigOf({ config }: ImageFile): ImageConfig {
  const { Healthcheck, ...rest } = config ?? {};
  const entries = Object.entries(rest).filter(
    ([, value]) => value !== null && value !== '' && value !== false,
  );
  const check = Object.entries(Healthcheck ?? {}).filter(([, value]) => value);
  return {
    ...Object.fromEntries(entries),
    ...(check.length > 0 && { Healthcheck: Object.fromEntries(check) }),
  };
}

/** When an image was made, in nanoseconds of Unix time; 0 when nobody knows. */
export function createdAt({ created }: ImageFile): bigint {
  return parseTimestamp(created) ?? 0n;
}

/** Everything of a configuration file that an image of a single layer has. */
export interface ImageParts {
  config: ImageConfig;
  created: string;
  comment: string;
  architecture: string;
  variant: string;
  diffId: string;
}

/** Writes the configuration file of an image of a single layer. */
export function writeImageFile(parts: ImageParts): Buffer {
  const { architecture, variant, comment, config, created, diffId } = parts;
  const file = {
    architecture,
    ...(variant === '' ? {} : { variant }),
    comment,
    config,
    created,
    history: [{ created, comment }],
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [diffId] },
  };
  return Buffer.from(JSON.stringify(file));
}
