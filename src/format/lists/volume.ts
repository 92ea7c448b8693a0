import type { Volume } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { humanSize } from '../units.ts';
import { describeLabels } from './container.ts';

const none = 'N/A';

/** What a list of volumes can show. */
export const volumeList: ListDefinition<Volume> = {
  goName: 'formatter.volumeContext',
  columns: {
    Name: { heading: 'VOLUME NAME', of: ({ Name }) => Name },
    Driver: { heading: 'DRIVER', of: ({ Driver }) => Driver },
    Scope: { heading: 'SCOPE', of: ({ Scope }) => Scope },
    Mountpoint: { heading: 'MOUNTPOINT', of: ({ Mountpoint }) => Mountpoint },
    Labels: { heading: 'LABELS', of: ({ Labels }) => describeLabels(Labels ?? {}) },
    Links: { heading: 'LINKS', of: ({ UsageData }) => (UsageData ? String(UsageData.RefCount) : none) },
    Size: { heading: 'SIZE', of: ({ UsageData }) => (UsageData ? humanSize(UsageData.Size) : none) },
    Group: {
      heading: 'GROUP',
      of: ({ ClusterVolume }) => (ClusterVolume ? (ClusterVolume.Spec.Group ?? '') : none),
    },
    Availability: {
      heading: 'AVAILABILITY',
      of: ({ ClusterVolume }) => (ClusterVolume ? (ClusterVolume.Spec.Availability ?? '') : none),
    },
    Status: {
      heading: 'STATUS',
      of: ({ ClusterVolume }) => (ClusterVolume ? clusterStatus(ClusterVolume) : none),
    },
  },
  label: ({ Labels }, name) => Labels?.[name] ?? '',
};

/** What became of a volume that a Swarm makes: in use on some node, there, or not yet. */
function clusterStatus({ Info, PublishStatus }: NonNullable<Volume['ClusterVolume']>): string {
  if (!Info?.VolumeID) return 'pending creation';
  const published = (PublishStatus ?? []).filter(({ State }) => State === 'published').length;
  if (published === 0) return 'created';
  return `in use (${published} node${published === 1 ? '' : 's'})`;
}
