import type { NetworkInspect } from '@davit/api';
import { describeMoment, parseRfc3339 } from '../go/moment.ts';
import type { ListDefinition } from '../list.ts';
import { shortId } from '../text.ts';
import { describeLabels } from './container.ts';

/** A network as lists get it from engines; old ones leave some of it out. */
export type ListedNetwork = Partial<NetworkInspect>;

function createdAt({ Created = '' }: ListedNetwork): string {
  const moment = parseRfc3339(Created);
  return moment ? describeMoment(moment) : Created;
}

/** What a list of networks can show. */
export function networkList({ whole }: { whole: boolean }): ListDefinition<ListedNetwork> {
  return {
    goName: 'network.networkContext',
    columns: {
      ID: { heading: 'NETWORK ID', of: ({ Id = '' }) => (whole ? Id : shortId(Id)) },
      Name: { heading: 'NAME', of: ({ Name = '' }) => Name },
      Driver: { heading: 'DRIVER', of: ({ Driver = '' }) => Driver },
      Scope: { heading: 'SCOPE', of: ({ Scope = '' }) => Scope },
      IPv4: { heading: 'IPV4', of: ({ EnableIPv4 = false }) => String(EnableIPv4) },
      IPv6: { heading: 'IPV6', of: ({ EnableIPv6 = false }) => String(EnableIPv6) },
      Internal: { heading: 'INTERNAL', of: ({ Internal = false }) => String(Internal) },
      Labels: {
        heading: 'LABELS',
        of: ({ Labels }) => describeLabels(Labels ?? {}),
      },
      CreatedAt: { heading: 'CREATED AT', of: createdAt },
    },
    label: ({ Labels }, name) => Labels?.[name] ?? '',
  };
}
