import type { ImageDeleteItem } from '@davit/api';
import { humanSize } from '../format/units.ts';
import { confirm } from '../terminal/prompt.ts';
import type { Streams } from '../terminal/streams.ts';
import { flag } from './command.ts';
import { filterFlag } from './filter.ts';

/** The flags that all commands have that remove what is not used. */
export const pruneFlags = {
  filter: filterFlag({ short: undefined, summary: 'Remove only what fits a condition, such as until=24h' }),
  force: flag.boolean({ short: 'f', summary: 'Do not ask' }),
};

/** Whether to go on with a removal: asked with a warning, unless it is forced. */
export async function mayPrune(streams: Streams, force: boolean, warning: string): Promise<boolean> {
  return force || confirm(streams, `WARNING! ${warning}\nAre you sure you want to continue?`);
}

/** What was removed, as docker tells it; nothing when nothing was. */
export function deletedText(heading: string, names: readonly string[] | null | undefined): string {
  if (!names || names.length === 0) return '';
  return `Deleted ${heading}:\n${names.map((name) => `${name}\n`).join('')}\n`;
}

/** The last line of a removal; `size` is in bytes. */
export function reclaimedText(size: number): string {
  return `Total reclaimed space: ${humanSize(size)}`;
}

/** The images that were removed, as docker tells it. */
export function prunedImages(items: readonly ImageDeleteItem[] | null): string {
  const lines = items?.map(({ Untagged, Deleted }) =>
    Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`,
  );
  return deletedText('Images', lines);
}
