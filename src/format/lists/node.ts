import type { Node } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { capitalized } from '../swarm-words.ts';

/** A node of a Swarm as lists show it. */
export interface ListedNode {
  node: Node;
  /** Whether it is the one that was asked. */
  isSelf: boolean;
  /** The certificate that nodes are to trust. */
  trustRoot: string;
}

function tlsStatus({ node, trustRoot }: ListedNode): string {
  const { TLSInfo } = node.Description;
  if (!TLSInfo?.TrustRoot || trustRoot === '') return 'Unknown';
  return TLSInfo.TrustRoot === trustRoot ? 'Ready' : 'Needs Rotation';
}

/** What a list of nodes can show. */
export const nodeList: ListDefinition<ListedNode> = {
  goName: 'node.nodeContext',
  columns: {
    ID: { heading: 'ID', of: ({ node }) => node.ID },
    Self: { heading: '', of: ({ isSelf }) => ({ type: 'bool', json: isSelf }) },
    Hostname: { heading: 'HOSTNAME', of: ({ node }) => node.Description.Hostname ?? '' },
    Status: { heading: 'STATUS', of: ({ node }) => capitalized(node.Status.State) },
    Availability: { heading: 'AVAILABILITY', of: ({ node }) => capitalized(node.Spec.Availability) },
    ManagerStatus: {
      heading: 'MANAGER STATUS',
      of: ({ node: { ManagerStatus } }) =>
        ManagerStatus?.Leader ? 'Leader' : capitalized(ManagerStatus?.Reachability),
    },
    TLSStatus: { heading: 'TLS STATUS', of: tlsStatus },
    EngineVersion: {
      heading: 'ENGINE VERSION',
      of: ({ node }) => node.Description.Engine?.EngineVersion ?? '',
    },
  },
};
