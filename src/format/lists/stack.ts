import type { ListDefinition } from '../list.ts';

/** A stack as lists show it. */
export interface ListedStack {
  name: string;
  /** How many services it has. */
  services: number;
}

/** What a list of stacks can show. */
export const stackList: ListDefinition<ListedStack> = {
  goName: 'formatter.stackContext',
  columns: {
    Name: { heading: 'NAME', of: ({ name }) => name },
    Services: { heading: 'SERVICES', of: ({ services }) => String(services) },
  },
};
