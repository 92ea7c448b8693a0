/**
 * Values as Go's templates see them: each with its type, so that what a template prints, compares or refuses
 * is what Go would. `null` in place of a Value is Go's invalid reflect.Value.
 */
import type { Json } from '../json.ts';

export type Kind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'float'
  | 'complex'
  | 'string'
  | 'slice'
  | 'map'
  | 'struct'
  | 'pointer'
  | 'interface'
  | 'function';

export interface Type {
  readonly kind: Kind;
  /** As `%T` prints it. */
  readonly name: string;
  /** Of slices, maps and pointers. */
  readonly element?: Type;
  /** Of maps; keys are strings. */
  readonly key?: Type;
  /** Of structs, in their order. */
  readonly fields?: readonly Field[];
  readonly methods?: Readonly<Record<string, Method>>;
  /** Of arrays: slices whose length is part of the type. */
  readonly length?: number;
  /** How `encoding/json` writes a value, where the type says so itself. */
  readonly encode?: (value: Value) => string;
  /** How a value of the type is read from JSON, where the type says so itself. */
  readonly decode?: (json: Json) => Value;
  /** Error() or String(), which fmt prefers for %v and %s. */
  readonly describe?: (value: Value) => string;
  /** GoString(), which fmt prefers for %#v. */
  readonly syntax?: (value: Value) => string;
}

export interface Field {
  readonly name: string;
  readonly type: Type;
  /** The key in JSON; empty when the field is left out of it. */
  readonly json: string;
  readonly omitEmpty: boolean;
  /** Its own fields count as fields of the struct it stands in. */
  readonly embedded: boolean;
}

/** A function that templates can call. `null` as a parameter takes any value, even an invalid one. */
export interface Method {
  readonly parameters: readonly (Type | null)[];
  /** The last parameter may be given any number of times. */
  readonly variadic?: boolean;
  /** Throws Error: "error calling NAME: message". */
  call(receiver: Value, args: (Value | null)[]): Value | null;
}

export interface Complex {
  readonly real: number;
  readonly imaginary: number;
}

interface Of<K extends Kind, T> {
  readonly kind: K;
  readonly type: Type;
  readonly of: T;
}

export type Value =
  | Of<'bool', boolean>
  | Of<'int' | 'uint', bigint>
  | Of<'float', number>
  | Of<'complex', Complex>
  | Of<'string', string>
  | Of<'slice', readonly Value[] | null>
  | Of<'map', ReadonlyMap<string, Value> | null>
  | Of<'struct', Readonly<Record<string, Value>>>
  | Of<'pointer' | 'interface', Value | null>
  | Of<'function', null>;

/** Joins a type and the data that belongs to its kind. */
export function makeValue(type: Type, of: unknown): Value {
  return { kind: type.kind, type, of } as Value;
}

/** A basic type, under Go's own or another name. */
export function basic(kind: Kind, name: string): Type {
  return { kind, name };
}

export const boolType = basic('bool', 'bool');
export const intType = basic('int', 'int');
export const int64Type = basic('int', 'int64');
export const uintType = basic('uint', 'uint');
export const floatType = basic('float', 'float64');
export const complexType = basic('complex', 'complex128');
export const stringType = basic('string', 'string');
export const anyType = basic('interface', 'interface {}');

export function sliceOf(element: Type, name = `[]${element.name}`): Type {
  return { kind: 'slice', name, element };
}

export function arrayOf(length: number, element: Type): Type {
  return { kind: 'slice', name: `[${length}]${element.name}`, element, length };
}

export function mapOf(element: Type, name = `map[string]${element.name}`, key = stringType): Type {
  return { kind: 'map', name, element, key };
}

export function pointerTo(element: Type): Type {
  return { kind: 'pointer', name: `*${element.name}`, element };
}

type FieldOptions = Partial<Omit<Field, 'name' | 'type'>>;
type FieldEntry = Type | readonly [Type, string | FieldOptions];

/**
 * A struct from its fields: a type alone is a field whose key in JSON is its name; a text beside it is a JSON
 * tag as in Go (`id,omitempty`, `-`).
 */
export function structOf(name: string, fields: Record<string, FieldEntry>): Type {
  const list = Object.entries(fields).map(([fieldName, entry]): Field => {
    const [type, tag] = Array.isArray(entry) ? (entry as [Type, string | FieldOptions]) : [entry as Type, ''];
    const base = { name: fieldName, type, json: fieldName, omitEmpty: false, embedded: false };
    if (typeof tag !== 'string') return { ...base, ...tag };
    const [key = '', ...options] = tag.split(',');
    const json = key === '-' ? '' : key || fieldName;
    return { ...base, json, omitEmpty: options.includes('omitempty') };
  });
  return { kind: 'struct', name, fields: list };
}

/** Marks a field of structOf whose own fields are promoted. */
export function embedded(type: Type): FieldEntry {
  return [type, { embedded: true, json: '' }];
}

export const text = (of: string): Value => makeValue(stringType, of);
export const bool = (of: boolean): Value => makeValue(boolType, of);
export const int = (of: number | bigint): Value => makeValue(intType, BigInt(of));
export const float = (of: number): Value => makeValue(floatType, of);

/** The zero value of a type. */
export function zeroOf(type: Type): Value {
  switch (type.kind) {
    case 'bool':
      return makeValue(type, false);
    case 'int':
    case 'uint':
      return makeValue(type, 0n);
    case 'float':
      return makeValue(type, 0);
    case 'complex':
      return makeValue(type, { real: 0, imaginary: 0 });
    case 'string':
      return makeValue(type, '');
    case 'struct':
      return makeValue(
        type,
        Object.fromEntries((type.fields ?? []).map((field) => [field.name, zeroOf(field.type)])),
      );
    case 'slice':
      return makeValue(type, zeroElements(type));
    default:
      return makeValue(type, null);
  }
}

function zeroElements({ length, element }: Type): Value[] | null {
  return length === undefined || !element ? null : Array.from({ length }, () => zeroOf(element));
}

/** Follows pointers and interfaces to what they hold; `isNil` when one of them holds nothing. */
export function indirect(value: Value): { value: Value; isNil: boolean } {
  let at = value;
  while (at.kind === 'pointer' || at.kind === 'interface') {
    if (at.of === null) return { value: at, isNil: true };
    at = at.of;
  }
  return { value: at, isNil: false };
}

/** What an interface holds; other values as they are. */
export function unwrap(value: Value | null): Value | null {
  return value?.kind === 'interface' ? value.of : value;
}

/** The keys of a map in the order in which Go's templates, fmt and JSON visit them. */
export function sortedKeys(map: ReadonlyMap<string, Value>): string[] {
  return [...map.keys()].sort(compareText);
}

/** Orders texts by their bytes in UTF-8, as Go does. */
export function compareText(first: string, second: string): number {
  if (first === second) return 0;
  for (let at = 0; at < first.length && at < second.length; at++) {
    const one = first.charCodeAt(at);
    const other = second.charCodeAt(at);
    if (one === other) continue;
    const surrogates = isSurrogate(one) !== isSurrogate(other);
    return (surrogates ? !isSurrogate(one) : one < other) ? -1 : 1;
  }
  return first.length - second.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** A field by its Go name, promoted ones too; undefined when there is none. */
export function findField(type: Type, name: string): { field: Field; path: readonly string[] } | undefined {
  for (const field of type.fields ?? []) if (field.name === name) return { field, path: [name] };
  for (const field of type.fields ?? []) {
    if (!field.embedded) continue;
    const inner = field.type.kind === 'pointer' ? field.type.element : field.type;
    const found = inner && findField(inner, name);
    if (found) return { field: found.field, path: [field.name, ...found.path] };
  }
  return undefined;
}

/** Whether a value of the first type may stand where the second is wanted. */
export function isAssignable(from: Type, to: Type): boolean {
  if (from === to || from.name === to.name) return true;
  if (to.kind === 'interface') return true;
  if (from.kind !== to.kind || (isNamed(from) && isNamed(to))) return false;
  const composite = from.kind === 'slice' || from.kind === 'map';
  return composite && from.element?.name === to.element?.name;
}

/** Whether a type has a name of its own, apart from what it is made of. */
function isNamed(type: Type): boolean {
  return !/^(\*|\[|map\[|struct )/.test(type.name);
}
