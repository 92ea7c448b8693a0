import type { ListDefinition } from '../list.ts';
import { ellipsis } from '../text.ts';

/** A context as lists show it. */
export interface ContextRow {
  name: string;
  current: boolean;
  description: string;
  host: string;
  /** What is wrong with it; empty when nothing is. */
  error: string;
}

const errorWidth = 45;

/** What the list of contexts can show. */
export const contextList: ListDefinition<ContextRow> = {
  goName: 'formatter.clientContextContext',
  columns: {
    Current: { of: ({ current }) => ({ type: 'bool', json: current }) },
    Name: { heading: 'NAME', of: ({ name }) => name },
    Description: { heading: 'DESCRIPTION', of: ({ description }) => description },
    DockerEndpoint: { heading: 'DOCKER ENDPOINT', of: ({ host }) => host },
    Error: { heading: 'ERROR', of: ({ error }) => ellipsis(error, errorWidth) },
  },
};
