import { EngineError } from '../errors.ts';
import type { ImageStore } from '../state/images.ts';
import {
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from './reference.ts';

function missing(name: string): EngineError {
  return new EngineError('notFound', `No such image: ${name}`);
}

/** The name under which a reference is written down: of a tag beside a digest only the digest counts. */
export function storedName(reference: Reference): string {
  return formatReference(reference.digest === '' ? withDefaultTag(reference) : { ...reference, tag: '' });
}

/**
 * Finds the image that a user means: by its ID, whole or the beginning of it, with or without `sha256:`, or by
 * one of its names. A name goes before the beginning of an ID. Returns the ID. Throws `notFound` with docker's
 * words, also when the beginning of an ID fits several.
 */
export function findImage(images: ImageStore, name: string): string {
  const [, whole] = /^(?:sha256:)?([0-9a-f]{64})$/.exec(name) ?? [];
  if (whole !== undefined) {
    const id = `sha256:${whole}`;
    if (images.isVisible(id)) return id;
    throw missing(id);
  }
  const reference = parseReference(name);
  const named = images.imageNamed(storedName(reference));
  if (named !== null) return named;
  const [, digits] = /^(?:sha256:)?([0-9a-f]{1,63})$/.exec(name) ?? [];
  const [id, other] = digits === undefined ? [] : images.search(digits);
  if (id === undefined || other !== undefined) throw missing(familiarReference(withDefaultTag(reference)));
  return id;
}

/** Whether a user's text is the beginning of this ID and not a name. */
export function isIdPrefix(id: string, text: string): boolean {
  return id.startsWith(text) || id.slice('sha256:'.length).startsWith(text);
}
