import type { Filters, ImageSummary } from '@davit/api';
import type { ImageRecord, ImageStore } from '../state/images.ts';
import { createdAt, readImageFile } from './config.ts';
import { checkFilters, globToRegExp, matchesLabels, readMoment, readSwitch } from './filters.ts';
import { findImage } from './lookup.ts';
import { familiarName, familiarReference, parseReference } from './reference.ts';

export interface ListQuery {
  /** Intermediate images of builds, too. */
  all: boolean;
  filters: Filters;
  sharedSize: boolean;
}

/** The names of an image as users know them, those with a tag and those with a digest. */
export function familiarNames(images: ImageStore, id: string): { tags: string[]; digests: string[] } {
  const references = images.namesOf(id).map(parseReference);
  return {
    tags: references.filter(({ digest }) => digest === '').map(familiarReference),
    digests: references.filter(({ digest }) => digest !== '').map(familiarReference),
  };
}

/** Lists images, the newest first. */
export function listImages(images: ImageStore, { filters, sharedSize }: ListQuery): ImageSummary[] {
  checkFilters(filters);
  const isOfTime = timeFilter(images, filters);
  const isNamed = nameFilter(filters);
  const dangling = readSwitch(filters, 'dangling');
  const labels = filters.label ?? [];
  const shared = sharedSize ? images.sharedLayers() : null;

  return images
    .all()
    .map((image) => ({ image, file: readImageFile(image.config) }))
    .map((found) => ({
      ...found,
      created: createdAt(found.file),
      names: familiarNames(images, found.image.id),
    }))
    .filter(({ names }) => dangling !== true || names.tags.length === 0)
    .filter(({ names }) => dangling !== false || names.tags.length + names.digests.length > 0)
    .filter(({ file }) => labels.length === 0 || matchesLabels(file.config?.Labels ?? {}, labels))
    .filter(({ created }) => isOfTime(created))
    .map((found) => ({ ...found, names: isNamed(found.names) }))
    .filter(({ names }) => !filters.reference?.length || names.tags.length + names.digests.length > 0)
    .sort((a, b) => (a.created === b.created ? 0 : a.created < b.created ? 1 : -1))
    .map(({ image, file, created, names }) => ({
      Id: image.id,
      ParentId: '',
      RepoTags: names.tags,
      RepoDigests: names.digests,
      Created: Number(created / 1_000_000_000n),
      Size: image.size,
      SharedSize: shared ? sizeOf(images, image, shared) : -1,
      Labels: file.config?.Labels ?? null,
      Containers: -1,
    }));
}

function sizeOf(images: ImageStore, image: ImageRecord, layers: Set<string>): number {
  return image.layers
    .filter((diffId) => layers.has(diffId))
    .reduce((sum, diffId) => sum + (images.layer(diffId)?.size ?? 0), 0);
}

/** `before` and `since` an image, `until` a moment. */
function timeFilter(images: ImageStore, filters: Filters): (created: bigint) => boolean {
  const createdOf = (name: string): bigint => {
    const image = images.get(findImage(images, name));
    return image ? createdAt(readImageFile(image.config)) : 0n;
  };
  const before = [
    ...(filters.before ?? []).map(createdOf),
    ...(filters.until ?? []).map((text) => readMoment(text)),
  ];
  const since = (filters.since ?? []).map(createdOf);
  return (created) => before.every((limit) => created < limit) && since.every((limit) => created > limit);
}

type Names = { tags: string[]; digests: string[] };

/** Keeps the names that a `reference` filter asks for, with or without their tag. */
function nameFilter({ reference: patterns = [] }: Filters): (names: Names) => Names {
  if (patterns.length === 0) return (names) => names;
  const expressions = patterns.map(globToRegExp);
  const fits = (name: string) => {
    const bare = familiarName(parseReference(name));
    return expressions.some((expression) => expression.test(name) || expression.test(bare));
  };
  return ({ tags, digests }) => ({ tags: tags.filter(fits), digests: digests.filter(fits) });
}
