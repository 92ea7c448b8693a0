import type { BuildCacheRecord } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { humanSize, timeAgo } from '../units.ts';

/** What `system df -v` shows of the build cache. */
export function buildCacheList({
  whole,
  now,
}: {
  whole: boolean;
  now: Date;
}): ListDefinition<BuildCacheRecord> {
  return {
    goName: 'formatter.buildCacheContext',
    columns: {
      ID: {
        heading: 'CACHE ID',
        of: ({ ID, InUse }) => `${whole ? ID : ID.slice(0, 12)}${InUse ? '*' : ''}`,
      },
      CacheType: { heading: 'CACHE TYPE', of: ({ Type }) => Type },
      Size: { heading: 'SIZE', of: ({ Size }) => humanSize(Size, 3) },
      CreatedSince: { heading: 'CREATED', of: ({ CreatedAt }) => timeAgo(CreatedAt, now) },
      LastUsedSince: { heading: 'LAST USED', of: ({ LastUsedAt }) => timeAgo(LastUsedAt, now) },
      UsageCount: { heading: 'USAGE', of: ({ UsageCount }) => String(UsageCount) },
      InUse: { heading: 'IN USE', of: ({ InUse }) => String(InUse) },
      Shared: { heading: 'SHARED', of: ({ Shared }) => String(Shared) },
    },
  };
}
