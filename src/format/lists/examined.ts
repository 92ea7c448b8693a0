import type { ListDefinition } from '../list.ts';

/** What was found out about one thing that the engine stands on, as `system check` shows it. */
export interface ExaminedRow {
  area: string;
  name: string;
  /** `ok`, `limited`, `missing` or `unknown`. */
  state: string;
  detail: string;
  remedy: string;
}

/** What `system check` can show. `paint` colours a state. */
export function examinedList(paint: (state: string) => string): ListDefinition<ExaminedRow> {
  return {
    goName: 'formatter.examinedContext',
    columns: {
      Area: { heading: 'AREA', of: ({ area }) => area },
      Name: { heading: 'NAME', of: ({ name }) => name },
      Status: { heading: 'STATUS', of: ({ state }) => paint(state) },
      Detail: { heading: 'FOUND', of: ({ detail }) => detail },
      Remedy: { heading: 'HOW TO MEND IT', of: ({ remedy }) => remedy },
    },
  };
}
