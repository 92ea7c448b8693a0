import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../../../exit.ts';
import { splitFields } from '../../csv.ts';

/** Where steps of other builds come from. */
export interface CacheSources {
  /** Images that every engine knows: those of docker's classic `--cache-from`. */
  images: string[];
  /** Names in registries. */
  registries: string[];
  /** OCI image layouts on this machine. */
  folders: string[];
}

/** Where the steps of a build go. */
export interface CacheTarget {
  type: 'inline' | 'local' | 'registry';
  /** A folder of this machine, or a name in a registry; empty for `inline`. */
  place: string;
  mode: 'min' | 'max';
}

const elsewhere = {
  gha: "the cache of GitHub's actions",
  s3: 'a bucket of Amazon S3',
  azblob: 'the blob storage of Azure',
};
const hint = 'use type=registry,ref=NAME, type=local with a folder that is kept, or type=inline';

/** Reads `--cache-from`. Throws CommandError. */
export function readCacheSources(texts: readonly string[]): CacheSources {
  const sources: CacheSources = { images: [], registries: [], folders: [] };
  for (const text of texts) {
    const { type, fields } = readFields(text, 'cache-from');
    if (type === '') sources.images.push(text);
    else if (type === 'registry') sources.registries.push(needed(fields, 'ref', 'cache-from'));
    else if (type === 'local') sources.folders.push(needed(fields, 'src', 'cache-from'));
    else throw unknown(type, 'cache-from');
    refuseOthers(fields, type === 'local' ? ['src'] : ['ref'], 'cache-from');
  }
  return sources;
}

/** Reads `--cache-to`. Throws CommandError. */
export function readCacheTargets(texts: readonly string[]): CacheTarget[] {
  return texts.map((text) => {
    const { type, fields } = readFields(text, 'cache-to');
    const mode = fields.get('mode') ?? 'min';
    if (mode !== 'min' && mode !== 'max')
      throw new CommandError(`invalid cache-to: mode ${JSON.stringify(mode)} is not known; use min or max`);
    if (type === 'inline') {
      if (mode === 'max')
        throw new CommandError('invalid cache-to: an image takes the steps of mode=min alone');
      refuseOthers(fields, ['mode'], 'cache-to');
      return { type, place: '', mode };
    }
    if (type === '') return { type: 'registry', place: text, mode };
    if (type !== 'registry' && type !== 'local') throw unknown(type, 'cache-to');
    const key = type === 'registry' ? 'ref' : 'dest';
    refuseOthers(fields, [key, 'mode'], 'cache-to');
    return { type, place: needed(fields, key, 'cache-to'), mode };
  });
}

/** The fields of `type=…,…`; of a name alone there are none. */
function readFields(text: string, flag: string): { type: string; fields: Map<string, string> } {
  const fields = new Map<string, string>();
  if (!text.includes('=')) return { type: '', fields };
  for (const field of splitFields(text)) {
    const equals = field.indexOf('=');
    if (equals < 1) throw new CommandError(`invalid ${flag} ${text}: use type=TYPE,KEY=VALUE`);
    fields.set(field.slice(0, equals).toLowerCase(), field.slice(equals + 1));
  }
  const type = fields.get('type') ?? '';
  if (type === '') throw new CommandError(`invalid ${flag} ${text}: it has no type`);
  fields.delete('type');
  return { type, fields };
}

function needed(fields: ReadonlyMap<string, string>, key: string, flag: string): string {
  const value = fields.get(key) ?? '';
  if (value === '') throw new CommandError(`invalid ${flag}: ${key}=… is needed`);
  return value;
}

function refuseOthers(fields: ReadonlyMap<string, string>, known: readonly string[], flag: string): void {
  const other = [...fields.keys()].find((key) => !known.includes(key));
  if (other !== undefined) throw new CommandError(`invalid ${flag}: unexpected key '${other}'`);
}

function unknown(type: string, flag: string): CommandError {
  const what = Object.hasOwn(elsewhere, type) ? elsewhere[type as keyof typeof elsewhere] : '';
  const reason =
    what === '' ? `type ${JSON.stringify(type)} is not known` : `davit does not speak to ${what}`;
  return new CommandError(`invalid ${flag}: ${reason}; ${hint}`);
}

/** Paths in a folder of what it holds of a cache; null when there is none in it. Throws CommandError. */
export function filesOfCache(folder: string): Set<string> | null {
  if (!existsSync(join(folder, 'index.json'))) return null;
  const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Document;
  const files = new Set(['oci-layout', 'index.json']);
  try {
    for (const manifest of read('index.json').manifests ?? []) {
      files.add(pathOf(manifest));
      const { config, layers = [] } = read(pathOf(manifest));
      for (const one of [...(config ? [config] : []), ...layers]) files.add(pathOf(one));
    }
  } catch (error) {
    throw new CommandError(`cannot read the cache in ${folder}: ${(error as Error).message}`, 1, {
      cause: error,
    });
  }
  return files;
}

/** Where a blob lies. Throws for a digest that is none, and would lead elsewhere. */
function pathOf({ digest }: Descriptor): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`invalid digest ${JSON.stringify(digest)}`);
  return `blobs/${digest.replace(':', '/')}`;
}

interface Descriptor {
  digest: string;
}
interface Document {
  manifests?: Descriptor[];
  config?: Descriptor;
  layers?: Descriptor[];
}

/** Removes from a folder what the cache before had and that of now has not. */
export function removeOldCache(folder: string, before: ReadonlySet<string>): void {
  const now = filesOfCache(folder) ?? new Set();
  for (const path of before) if (!now.has(path)) rmSync(join(folder, path), { force: true });
}
