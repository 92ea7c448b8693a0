import type { Filters, ImageDeleteItem } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { ImageStore } from '../state/images.ts';
import { createdAt, readImageFile } from './config.ts';
import { matchesLabels, readMoment, readSwitch } from './filters.ts';
import { parseReference } from './reference.ts';

const known = ['dangling', 'label', 'label!', 'until'];

/** The images that a prune would like to remove, by their names where they have some. */
export function imagesToPrune(images: ImageStore, filters: Filters): string[] {
  const unknown = Object.keys(filters).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new EngineError('badParameter', `invalid filter '${unknown}'`);
  const onlyDangling = readSwitch(filters, 'dangling') ?? true;
  const until = (filters.until ?? []).map((text) => readMoment(text));
  if (until.length > 1) throw new EngineError('badParameter', 'more than one until filter specified');
  const without = filters['label!'] ?? [];
  return images.all().flatMap(({ id, config }) => {
    const file = readImageFile(config);
    const labels = file.config?.Labels ?? {};
    const created = createdAt(file);
    if (until.some((limit) => created > limit)) return [];
    if (!matchesLabels(labels, filters.label ?? [])) return [];
    if (without.some((one) => matchesLabels(labels, [one]))) return [];
    const names = images.namesOf(id);
    if (names.length === 0) return [id];
    const isTagged = names.some((name) => parseReference(name).tag !== '');
    return onlyDangling && isTagged ? [] : names;
  });
}

/** Removes what can be removed: what containers use stays, and so do the names of that. */
export async function removeEach(
  names: readonly string[],
  remove: (name: string) => Promise<ImageDeleteItem[]>,
): Promise<ImageDeleteItem[]> {
  const deleted: ImageDeleteItem[] = [];
  for (const name of names) {
    try {
      deleted.push(...(await remove(name)));
    } catch (error) {
      const isInTheWay = error instanceof EngineError && ['conflict', 'notFound'].includes(error.kind);
      if (!isInTheWay) throw error;
    }
  }
  return deleted;
}
