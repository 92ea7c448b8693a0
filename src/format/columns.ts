/** What is no text to templates: part of the engine's answer, as one of the types in rows.ts. */
export interface ObjectCell {
  readonly type: 'platform' | 'bool';
  readonly json: unknown;
}

/** What a column shows of an item. */
export type Cell = string | ObjectCell;

export interface Column<T> {
  /** Tables that ask for a column without one show `<no value>` above it. */
  heading?: string;
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
