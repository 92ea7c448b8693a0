import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatReference, type Reference } from '@davit/api';
import { replaceFile } from './document.ts';

/** What an image is made for, as manifest lists say it. */
export interface ImagePlatform {
  architecture: string;
  os: string;
  'os.version'?: string;
  'os.features'?: string[];
  variant?: string;
}

/** A platform without what is empty, in the order in which docker writes it. */
export function imagePlatform(given: {
  architecture: string;
  os: string;
  version?: string;
  features: string[];
  variant?: string;
}): ImagePlatform {
  const { architecture, os, version, features, variant } = given;
  return {
    ...{ architecture, os },
    ...(version && { 'os.version': version }),
    ...(features.length > 0 && { 'os.features': features }),
    ...(variant && { variant }),
  };
}

/** The manifest of one image, as docker keeps it: a file for each, in a folder for the list that it belongs to. */
export interface KeptManifest {
  /** The name that it was found by, in full. */
  Ref: string;
  Descriptor: { mediaType: string; digest: string; size: number; platform?: ImagePlatform };
  /** The manifest itself, in base64. */
  Raw: string;
  /** The same, read: one of the two. */
  SchemaV2Manifest?: object;
  OCIManifest?: object;
}

/** docker's store of manifest lists that are not pushed yet, shared with docker. */
export interface ManifestStore {
  /** The manifests of a list, in the order of their files; null when there is no such list. */
  list(list: Reference): KeptManifest[] | null;
  get(list: Reference, image: Reference): KeptManifest | null;
  put(list: Reference, image: Reference, manifest: KeptManifest): void;
  remove(list: Reference): void;
}

/** Names of images become names of files. */
const fileOf = (reference: Reference): string =>
  formatReference(reference).replaceAll(':', '-').replaceAll('/', '_');

/** Opens the store in a configuration directory. */
export function openManifestStore(directory: string): ManifestStore {
  const folderOf = (list: Reference) => join(directory, 'manifests', fileOf(list));
  const pathOf = (list: Reference, image: Reference) => join(folderOf(list), fileOf(image));
  const read = (path: string): KeptManifest | null => {
    const text = orNull(() => readFileSync(path, 'utf8'));
    if (text === null) return null;
    try {
      const kept = JSON.parse(text) as KeptManifest;
      if (typeof kept.Raw === 'string' && typeof kept.Descriptor?.digest === 'string') return kept;
    } catch {
      // Told below.
    }
    throw new Error(`${path} is no manifest`);
  };
  return {
    list(list) {
      const names = orNull(() => readdirSync(folderOf(list)));
      return names?.sort().flatMap((name) => read(join(folderOf(list), name)) ?? []) ?? null;
    },
    get: (list, image) => read(pathOf(list, image)),
    put: (list, image, manifest) => replaceFile(pathOf(list, image), JSON.stringify(manifest), 0o644),
    remove: (list) => rmSync(folderOf(list), { recursive: true, force: true }),
  };
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
