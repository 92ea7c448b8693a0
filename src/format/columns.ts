import type { Value } from './go/value.ts';

/** What a column shows of an item; a Value is what is no text to templates, such as a nil pointer. */
export type Cell = string | Value;

export interface Column<T> {
  heading: string;
  of(item: T): Cell;
}

/** What a list can show of its items. */
export interface ListDefinition<T> {
  /** The type's name in docker's client, which its error messages show. */
  goName: string;
  columns: Readonly<Record<string, Column<T>>>;
  /** `.Label "name"` in templates. */
  label?(item: T, name: string): string;
}
