import type { Cell, ListDefinition, ObjectCell } from './columns.ts';
import { typedValue } from './go/decode.ts';
import { encodeJson, encodeText } from './go/encode.ts';
import {
  boolType,
  type Method,
  makeValue,
  mapOf,
  pointerTo,
  stringType,
  type Type,
  text,
  type Value,
} from './go/value.ts';
import { parseJson } from './json.ts';
import { platform } from './objects/basic.ts';

/** Rows of a list as templates see them: the columns are methods, as they are in docker's client. */
export interface RowMaker<T> {
  row(item: T): Value;
  /** What stands for a row when the headings of a table are made. */
  headings(): Value;
}

const objectTypes: Record<ObjectCell['type'], Type> = { platform: pointerTo(platform), bool: boolType };

function cellValue(cell: Cell): Value {
  if (typeof cell === 'string') return text(cell);
  return typedValue(objectTypes[cell.type], parseJson(JSON.stringify(cell.json ?? null)));
}

/** Makes rows for templates. `onRead` is told every column that a template reads. */
export function createRowMaker<T>(
  definition: ListDefinition<T>,
  onRead: (column: string) => void = () => {},
): RowMaker<T> {
  const items = new WeakMap<Value, T>();
  const itemOf = (row: Value): T => {
    const item = items.get(row);
    if (item === undefined) throw new Error('not a row of this list');
    return item;
  };
  const read = (row: Value, name: string): Value => {
    onRead(name);
    return cellValue(definition.columns[name]?.of(itemOf(row)) ?? '');
  };
  const names = Object.keys(definition.columns);
  const methods: Record<string, Method> = Object.fromEntries(
    names.map((name) => [name, { parameters: [], call: (row) => read(row, name) }]),
  );
  const { label } = definition;
  if (label) methods.Label = labelMethod((row, name) => label(itemOf(row), name));
  const struct: Type = {
    kind: 'struct',
    name: definition.goName,
    fields: [],
    methods,
    encode: (row) => {
      const entries = names
        .toSorted()
        .map((name) => `${encodeText(name, true)}:${encodeJson(read(row, name), true)}`);
      return `{${entries.join(',')}}`;
    },
  };
  const pointer = pointerTo(struct);
  const headingType: Type = {
    ...mapOf(stringType, 'formatter.SubHeaderContext'),
    methods: { Label: labelMethod((_row, name) => labelHeading(name)) },
  };
  return {
    row: (item) => {
      const row = makeValue(struct, {});
      items.set(row, item);
      return makeValue(pointer, row);
    },
    headings: () =>
      makeValue(
        headingType,
        new Map(
          Object.entries(definition.columns).flatMap(([name, { heading }]) =>
            heading === undefined ? [] : [[name, text(heading)] as const],
          ),
        ),
      ),
  };
}

function labelMethod(read: (row: Value, name: string) => string): Method {
  return {
    parameters: [stringType],
    call: (row, [name]) => text(name?.kind === 'string' ? read(row, name.of) : ''),
  };
}

/** The heading of a column that shows one label: the last part of its name, in words. */
function labelHeading(name: string): string {
  return (name.split('.').at(-1) ?? '').replaceAll(/[-_]/g, ' ');
}
