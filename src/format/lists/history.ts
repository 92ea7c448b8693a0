import type { ImageHistoryItem } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { ellipsis, shortId } from '../text.ts';
import { humanDuration, humanSize } from '../units.ts';
import { localTime } from '../zone.ts';

/** The year 1: nobody knows. */
const unknownTime = -62135596800;

/** `2025-11-25 07:29:37 +0100 CET` → `2025-11-25T07:29:37+01:00` */
function rfc3339(time: string): string {
  const [day, clock, offset = ''] = time.split(' ');
  return `${day}T${clock}${offset === '+0000' ? 'Z' : offset.replace(/(..)$/, ':$1')}`;
}

/** Columns of a command that is not shown whole. */
const commandWidth = 45;

export interface HistoryOptions {
  whole: boolean;
  /** Sizes and dates for people. */
  human: boolean;
  now: Date;
}

/** What the history of an image can show. */
export function historyList({ whole, human, now }: HistoryOptions): ListDefinition<ImageHistoryItem> {
  const createdAt = ({ Created }: ImageHistoryItem) => rfc3339(localTime(Created));
  const createdSince = ({ Created }: ImageHistoryItem) =>
    Created <= unknownTime ? 'N/A' : `${humanDuration(now.getTime() / 1000 - Created)} ago`;
  return {
    goName: 'image.historyContext',
    columns: {
      ID: { heading: 'IMAGE', of: ({ Id }) => (whole ? Id : shortId(Id)) },
      CreatedSince: { heading: 'CREATED', of: (step) => (human ? createdSince(step) : createdAt(step)) },
      CreatedAt: { heading: 'CREATED AT', of: createdAt },
      CreatedBy: {
        heading: 'CREATED BY',
        of: ({ CreatedBy }) => {
          const command = CreatedBy.replaceAll('\t', ' ');
          return whole ? command : ellipsis(command, commandWidth);
        },
      },
      Size: { heading: 'SIZE', of: ({ Size }) => (human ? humanSize(Size, 3) : String(Size)) },
      Comment: { heading: 'COMMENT', of: ({ Comment }) => Comment },
    },
  };
}
