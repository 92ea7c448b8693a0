import type { BuildCacheRecord } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { humanSize, timeAgo } from '../units.ts';

/** What `builder du` shows of the build cache. */
export function cacheRecordList({
  whole,
  now,
}: {
  whole: boolean;
  now: Date;
}): ListDefinition<BuildCacheRecord> {
  return {
    goName: 'formatter.cacheRecordContext',
    columns: {
      ID: { heading: 'ID', of: ({ ID, InUse }) => `${whole ? ID : ID.slice(0, 25)}${InUse ? '*' : ''}` },
      Type: { heading: 'TYPE', of: ({ Type }) => Type },
      Reclaimable: { heading: 'RECLAIMABLE', of: ({ InUse }) => String(!InUse) },
      Shared: { heading: 'SHARED', of: ({ Shared }) => String(Shared) },
      InUse: { heading: 'IN USE', of: ({ InUse }) => String(InUse) },
      Size: { heading: 'SIZE', of: ({ Size, Shared }) => `${humanSize(Size)}${Shared ? '*' : ''}` },
      UsageCount: { heading: 'USAGE', of: ({ UsageCount }) => String(UsageCount) },
      CreatedAt: { heading: 'CREATED AT', of: ({ CreatedAt }) => CreatedAt },
      CreatedSince: { heading: 'CREATED', of: ({ CreatedAt }) => timeAgo(CreatedAt, now) },
      LastAccessed: { heading: 'LAST ACCESSED', of: ({ LastUsedAt }) => timeAgo(LastUsedAt, now) },
      Description: { heading: 'DESCRIPTION', of: ({ Description }) => Description.replaceAll('\t', ' ') },
    },
  };
}

const sum = (records: readonly BuildCacheRecord[]): number =>
  records.reduce((all, { Size }) => all + Size, 0);

/** The lines below the list: what is counted elsewhere as well, what is not, and what could be had back. */
export function cacheTotals(records: readonly BuildCacheRecord[]): string {
  const own = records.filter(({ Shared }) => !Shared);
  const lines: [string, number][] = [
    ['Shared:', sum(records.filter(({ Shared }) => Shared))],
    ['Private:', sum(own)],
    ['Reclaimable:', sum(own.filter(({ InUse }) => !InUse))],
    ['Total:', sum(records)],
  ];
  return lines.map(([name, size]) => `${name.padEnd(14)}${humanSize(size)}\n`).join('');
}
