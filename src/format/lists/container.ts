import type { ContainerSummary, PortSummary } from '@davit/api';
import { quote } from '../go/quote.ts';
import type { ListDefinition } from '../list.ts';
import { ellipsis, shortId } from '../text.ts';
import { humanDuration, humanSize } from '../units.ts';
import { localTime } from '../zone.ts';

/** A container as lists get it from engines; old ones leave some of it out. */
export type ListedContainer = Partial<ContainerSummary> & {
  ImageManifestDescriptor?: { platform?: unknown } | null;
};

export interface ContainerColumnOptions {
  /** Whether long values are shown whole. */
  whole: boolean;
  now: Date;
}

/** What a list of containers can show. */
export function containerList({ whole, now }: ContainerColumnOptions): ListDefinition<ListedContainer> {
  const age = (created = 0) => `${humanDuration(now.getTime() / 1000 - created)} ago`;
  return {
    goName: 'formatter.ContainerContext',
    columns: {
      ID: { heading: 'CONTAINER ID', of: ({ Id = '' }) => (whole ? Id : shortId(Id)) },
      Names: { heading: 'NAMES', of: ({ Names }) => containerNames(Names ?? [], whole).join(',') },
      Image: { heading: 'IMAGE', of: (container) => imageName(container, whole) },
      Command: {
        heading: 'COMMAND',
        of: ({ Command = '' }) => quote(whole ? Command : ellipsis(Command, 20)),
      },
      CreatedAt: { heading: 'CREATED AT', of: ({ Created }) => localTime(Created ?? 0) },
      RunningFor: { heading: 'CREATED', of: ({ Created }) => age(Created) },
      Platform: {
        heading: 'PLATFORM',
        of: ({ ImageManifestDescriptor }) => ({ type: 'platform', json: ImageManifestDescriptor?.platform }),
      },
      Ports: { heading: 'PORTS', of: ({ Ports }) => describePorts(Ports ?? []) },
      State: { heading: 'STATE', of: ({ State = '' }) => State },
      Status: { heading: 'STATUS', of: ({ Status = '' }) => Status },
      Size: { heading: 'SIZE', of: describeSize },
      Labels: { heading: 'LABELS', of: ({ Labels }) => describeLabels(Labels ?? {}) },
      Mounts: {
        heading: 'MOUNTS',
        of: ({ Mounts }) =>
          (Mounts ?? [])
            .map(({ Name, Source }) => (whole ? Name || Source : ellipsis(Name || Source, 15)))
            .join(','),
      },
      LocalVolumes: {
        heading: 'LOCAL VOLUMES',
        of: ({ Mounts }) => String((Mounts ?? []).filter(({ Driver }) => Driver === 'local').length),
      },
      Networks: {
        heading: 'NETWORKS',
        of: ({ NetworkSettings }) =>
          Object.keys(NetworkSettings?.Networks ?? {})
            .sort()
            .join(','),
      },
    },
    label: ({ Labels }, name) => Labels?.[name] ?? '',
  };
}

/** A container's names; those that it has as the link of another one only when all is shown. */
function containerNames(names: string[], whole: boolean): string[] {
  const bare = names.map((name) => name.replace(/^\//, ''));
  return whole ? bare : bare.filter((name) => !name.includes('/'));
}

function imageName({ Image = '', ImageID = '' }: ListedContainer, whole: boolean): string {
  if (Image === '') return '<no image>';
  if (whole) return Image;
  const id = shortId(ImageID);
  if (id === shortId(Image)) return id;
  const [, name, tag = ''] = /^([^@]*?)(:[\w][\w.-]{0,127})?(?:@[\w+.:-]+)?$/.exec(Image) ?? [];
  if (name === undefined || !/^[a-z0-9._:/-]+$/.test(name)) return Image;
  return name.replace(/^(?:index\.)?docker\.io\/(?:library\/)?/, '') + tag;
}

function describeSize({ SizeRw = 0, SizeRootFs = 0 }: ListedContainer): string {
  const own = humanSize(SizeRw, 3);
  return SizeRootFs > 0 ? `${own} (virtual ${humanSize(SizeRootFs, 3)})` : own;
}

/** Labels as `name=value`, sorted. */
export function describeLabels(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',');
}

/** A host's address with a port, IPv6 in brackets. */
export function joinHostPort(host: string, port: string | number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Ports in docker's words: neighbours that lead nowhere else together as `80-82/tcp`, then those of the host. */
export function describePorts(ports: PortSummary[]): string {
  const groups = new Map<string, { address: string; type: string; first: number; last: number }>();
  const finished: string[] = [];
  const mapped: string[] = [];
  const show = ({
    address,
    type,
    first,
    last,
  }: {
    address: string;
    type: string;
    first: number;
    last: number;
  }) => {
    const range = first === last ? `${first}` : `${first}-${last}`;
    return `${address === '' ? range : `${joinHostPort(address, range)}->${range}`}/${type}`;
  };
  for (const { IP: address = '', PrivatePort: port, PublicPort: outside = 0, Type: type } of ports.toSorted(
    comparePorts,
  )) {
    if (address !== '' && outside !== port) {
      mapped.push(`${joinHostPort(address, outside)}->${port}/${type}`);
      continue;
    }
    const key = `${address}/${type}`;
    const group = groups.get(key);
    if (group && port === group.last + 1) {
      group.last = port;
      continue;
    }
    if (group) finished.push(show(group));
    groups.set(key, { address, type, first: port, last: port });
  }
  return [...finished, ...[...groups.values()].map(show), ...mapped].join(', ');
}

function comparePorts(one: PortSummary, other: PortSummary): number {
  const text = (first = '', second = '') => (first < second ? -1 : first > second ? 1 : 0);
  return (
    one.PrivatePort - other.PrivatePort ||
    text(one.IP, other.IP) ||
    (one.PublicPort ?? 0) - (other.PublicPort ?? 0) ||
    text(one.Type, other.Type)
  );
}
