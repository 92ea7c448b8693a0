import type { BuildCacheRecord } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { humanDuration, humanSize } from '../units.ts';

/** What `system df -v` shows of the build cache. */
export function buildCacheList({
  whole,
  now,
}: {
  whole: boolean;
  now: Date;
}): ListDefinition<BuildCacheRecord> {
  const age = (time: string | null) =>
    time ? `${humanDuration((now.getTime() - Date.parse(time)) / 1000)} ago` : '';
  return {
    goName: 'formatter.buildCacheContext',
    columns: {
      ID: {
        heading: 'CACHE ID',
        of: ({ ID, InUse }) => `${whole ? ID : ID.slice(0, 12)}${InUse ? '*' : ''}`,
      },
      CacheType: { heading: 'CACHE TYPE', of: ({ Type }) => Type },
      Size: { heading: 'SIZE', of: ({ Size }) => humanSize(Size, 3) },
      CreatedSince: { heading: 'CREATED', of: ({ CreatedAt }) => age(CreatedAt) },
      LastUsedSince: { heading: 'LAST USED', of: ({ LastUsedAt }) => age(LastUsedAt) },
      UsageCount: { heading: 'USAGE', of: ({ UsageCount }) => String(UsageCount) },
      InUse: { heading: 'IN USE', of: ({ InUse }) => String(InUse) },
      Shared: { heading: 'SHARED', of: ({ Shared }) => String(Shared) },
    },
  };
}
