import { writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buildRoutes, routes } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import type { Client } from '../../../http/client.ts';
import type { Output } from '../../../terminal/streams.ts';
import { writeArchive } from '../../archive-file.ts';
import { splitFields } from '../../csv.ts';
import { askDavit } from '../../davit-only.ts';

/** Where the result of a build goes. */
export interface Destination {
  type: 'image' | 'local' | 'tar' | 'oci' | 'docker';
  /** A path, `-` for standard output, empty for the engine's store. */
  path: string;
}

/** Reads `--output`. Throws CommandError. */
export function readDestination(text: string): Destination {
  if (text === '') return { type: 'image', path: '' };
  const fields = splitFields(text);
  if (fields.length === 1 && !text.startsWith('type='))
    return text === '-' ? { type: 'tar', path: '-' } : { type: 'local', path: text };
  const known = new Map(
    fields.map((field) => [field.split('=', 1)[0]?.toLowerCase() ?? '', field.slice(field.indexOf('=') + 1)]),
  );
  const type = known.get('type') ?? '';
  const path = known.get('dest') ?? '';
  const unknown = [...known.keys()].find((key) => key !== 'type' && key !== 'dest');
  if (unknown !== undefined) throw new CommandError(`invalid output: unexpected key '${unknown}'`);
  if (type === 'image' || (type === 'docker' && path === '')) return { type: 'image', path: '' };
  if (type !== 'local' && type !== 'tar' && type !== 'oci' && type !== 'docker')
    throw new CommandError(
      `invalid output: type ${JSON.stringify(type)} is not known; use local, tar, oci or docker`,
    );
  if (path === '') throw new CommandError(`invalid output: type=${type} needs dest=PATH`);
  if (type === 'local' && path === '-')
    throw new CommandError('invalid output: a folder cannot be standard output');
  return { type, path };
}

interface BuiltResult {
  /** ID of the image. */
  image: string;
  destination: Destination;
  out: Output;
  signal: AbortSignal | undefined;
}

/** Writes an image that was built where it is to go. */
export async function writeResult(client: Client, result: BuiltResult): Promise<void> {
  const { destination, out } = result;
  const { type, path } = destination;
  if (type === 'image') return;
  const open = () =>
    type === 'oci' || type === 'docker' ? openArchive(client, result) : openFiles(client, result);
  if (type === 'local') {
    const { unpackInto } = await import('./folder.ts');
    return unpackInto(path, await open());
  }
  if (path !== '-') return writeArchive(path, open);
  for await (const chunk of (await open()) as AsyncIterable<Uint8Array>) await out.write(chunk);
}

async function openArchive(client: Client, { image, signal }: BuiltResult): Promise<Readable> {
  return (await client.call(routes.imageSave, { path: { name: image }, signal })).stream;
}

async function openFiles(client: Client, { image, signal }: BuiltResult): Promise<Readable> {
  const ask = () => client.call(buildRoutes.imageFiles, { path: { name: image }, signal });
  const otherwise = 'this engine cannot give the files of an image alone: only that of davit can';
  return (await askDavit(ask, { otherwise, missing: 'No such image' })).stream;
}

/** Writes what was built, with the names that other builders use. */
export async function writeMetadata(path: string, image: string, names: readonly string[]): Promise<void> {
  if (path === '') return;
  const facts = {
    'containerimage.config.digest': image,
    ...(names.length > 0 && { 'image.name': names.join(',') }),
  };
  await writeFile(path, `${JSON.stringify(facts, null, 2)}\n`);
}
