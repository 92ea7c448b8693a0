import type { DiskUsage } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { humanSize } from '../units.ts';

/** One kind of things and the room that all of it takes. */
export interface DiskUsageRow {
  type: string;
  total: number;
  active: number;
  size: number;
  reclaimable: number;
  /** Whether the share that can be had back is told. */
  showsShare: boolean;
}

const sum = (sizes: (number | undefined)[]): number =>
  sizes.reduce<number>((all, size) => all + (size ?? 0), 0);

/** The four kinds, in docker's order. */
export function diskUsageRows(usage: DiskUsage): DiskUsageRow[] {
  const { LayersSize = 0 } = usage;
  const images = usage.Images ?? [];
  const containers = usage.Containers ?? [];
  const volumes = usage.Volumes ?? [];
  const cache = usage.BuildCache ?? [];
  const used = images.filter(({ Containers }) => Containers !== 0);
  const ofUsed = used.filter(({ Size, SharedSize }) => Size !== -1 && SharedSize !== -1);
  const runs = ({ State }: { State: string }) => ['running', 'paused', 'restarting'].includes(State);
  const known = volumes.filter(({ UsageData }) => UsageData && UsageData.Size !== -1);
  const unused = known.filter(({ UsageData }) => UsageData?.RefCount === 0);
  return [
    {
      type: 'Images',
      total: images.length,
      active: used.length,
      size: LayersSize,
      reclaimable: LayersSize - sum(ofUsed.map(({ Size, SharedSize }) => Size - SharedSize)),
      showsShare: true,
    },
    {
      type: 'Containers',
      total: containers.length,
      active: containers.filter(runs).length,
      size: sum(containers.map(({ SizeRw }) => SizeRw)),
      reclaimable: sum(containers.filter((one) => !runs(one)).map(({ SizeRw }) => SizeRw)),
      showsShare: true,
    },
    {
      type: 'Local Volumes',
      total: volumes.length,
      active: volumes.filter(({ UsageData }) => (UsageData?.RefCount ?? 0) > 0).length,
      size: sum(known.map(({ UsageData }) => UsageData?.Size)),
      reclaimable: sum(unused.map(({ UsageData }) => UsageData?.Size)),
      showsShare: true,
    },
    {
      type: 'Build Cache',
      total: cache.length,
      active: cache.filter(({ InUse }) => InUse).length,
      size: sum(cache.filter(({ Shared }) => !Shared).map(({ Size }) => Size)),
      reclaimable: sum(cache.filter(({ InUse, Shared }) => !InUse && !Shared).map(({ Size }) => Size)),
      showsShare: false,
    },
  ];
}

/** What `system df` can show. */
export const diskUsageList: ListDefinition<DiskUsageRow> = {
  goName: 'formatter.diskUsageImagesContext',
  columns: {
    Type: { heading: 'TYPE', of: ({ type }) => type },
    TotalCount: { heading: 'TOTAL', of: ({ total }) => String(total) },
    Active: { heading: 'ACTIVE', of: ({ active }) => String(active) },
    Size: { heading: 'SIZE', of: ({ size }) => humanSize(size) },
    Reclaimable: {
      heading: 'RECLAIMABLE',
      of: ({ size, reclaimable, showsShare }) => {
        const share = showsShare && size > 0 ? ` (${Math.trunc((reclaimable * 100) / size)}%)` : '';
        return `${humanSize(reclaimable)}${share}`;
      },
    },
  },
};
