import type { ImageHistoryItem } from '@davit/api';
import type { ImageStore } from '../state/images.ts';
import { readImageFile } from './config.ts';
import { familiarNames } from './list.ts';
import { findImage } from './lookup.ts';
import { parseTimestamp } from './times.ts';

/** How an image came to be, the last step first. Only that one is an image here. */
export function historyOf(images: ImageStore, name: string): ImageHistoryItem[] {
  const id = findImage(images, name);
  const image = images.get(id);
  if (!image) return [];
  const layers = [...image.layers];
  const steps = (readImageFile(image.config).history ?? []).map((step) => ({
    Id: '<missing>',
    Created: Number((parseTimestamp(step.created) ?? zeroTime) / 1_000_000_000n),
    CreatedBy: step.created_by,
    Tags: null as string[] | null,
    Size: step.empty_layer ? 0 : (images.layer(layers.shift() ?? '')?.size ?? 0),
    Comment: step.comment,
  }));
  const items = steps.reverse();
  if (items[0]) items[0] = { ...items[0], Id: id, Tags: familiarNames(images, id).tags };
  return items;
}

/** Go's zero time: year 1. */
const zeroTime = -62_135_596_800_000_000_000n;
