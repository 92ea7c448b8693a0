import type { ImportedStep } from '../cache.ts';
import type { BuildContext } from '../contextspool.ts';
import type { Snapshot } from '../snapshot.ts';

/** Where the steps of a build go: with the image itself, to a registry, or to the client, which asks by the name. */
export type CacheTarget =
  | { type: 'inline' }
  | { type: 'registry'; name: string; mode: CacheMode }
  | { type: 'local'; name: string; mode: CacheMode };

/** `min`: the steps of which the image consists; `max`: all that the build needed. */
export type CacheMode = 'min' | 'max';

/** Steps that were done elsewhere. */
export interface ImportedCache {
  /** A step by its key, or as an image's history has it after these; its layer is here then, and held. */
  find(key: string, before: Snapshot, by: string | null): Promise<ImportedStep | null>;
}

/** Where steps come from: an image here or in a registry, or an OCI image layout that the client has sent. */
export type CacheSource = { image: string } | { registry: string } | { layout: BuildContext };
