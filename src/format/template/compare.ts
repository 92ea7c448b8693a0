import { display, noFlags, printArgument } from '../go/print.ts';
import { compareText, unwrap, type Value } from '../go/value.ts';

type Basic = 'bool' | 'complex' | 'int' | 'uint' | 'float' | 'string';

const incompatible = 'incompatible types for comparison';

function basicKind(value: Value | null): Basic {
  switch (value?.kind) {
    case 'bool':
    case 'complex':
    case 'int':
    case 'uint':
    case 'float':
    case 'string':
      return value.kind;
    default:
      throw new Error('invalid type for comparison');
  }
}

/** Whether Go's `==` is defined for values of this type. */
function isComparable(value: Value): boolean {
  if (value.kind === 'struct') return Object.values(value.of).every(isComparable);
  if (value.kind === 'slice') return value.type.length !== undefined;
  return value.kind !== 'map' && value.kind !== 'function';
}

function isNumberPair(first: string, second: string): boolean {
  return (first === 'int' && second === 'uint') || (first === 'uint' && second === 'int');
}

/** The function `eq`: whether the first value equals one of the others. Throws Error with Go's words. */
export function equalsAny(one: Value | null, others: (Value | null)[]): boolean {
  const first = unwrap(one);
  if (others.length === 0) throw new Error('missing argument for comparison');
  return others.some((other) => equals(first, unwrap(other)));
}

function equals(first: Value | null, second: Value | null): boolean {
  const kinds = [comparedAs(first), comparedAs(second)] as const;
  if (kinds[0] !== kinds[1] && !isNumberPair(...kinds)) {
    if (first && second) throw new Error(incompatible);
    return false;
  }
  return kinds[0] === 'other' ? equalOthers(first, second) : isSame(first, second);
}

/** Equality of what is no basic value: pointers, structs, lists, maps and nothing at all. */
function equalOthers(first: Value | null, second: Value | null): boolean {
  if (first && second && first.kind !== second.kind) {
    const shown = `${text(first)}: ${first.type.name}, ${second.type.name}: ${display(second)}`;
    throw new Error(`non-comparable types ${shown}`);
  }
  if (isNil(first) || isNil(second)) return isNil(first) === isNil(second);
  if (second && !isComparable(second)) {
    throw new Error(`non-comparable type ${text(second)}: ${second.type.name}`);
  }
  return isSame(first, second);
}

function isSame(first: Value | null, second: Value | null): boolean {
  if (!first || !second) return first === second;
  if (first.kind === 'complex' && second.kind === 'complex') {
    return first.of.real === second.of.real && first.of.imaginary === second.of.imaginary;
  }
  if (first.kind === 'struct' && second.kind === 'struct') {
    const names = Object.keys(first.of);
    return (
      first.type.name === second.type.name &&
      names.every((name) => isSame(first.of[name] ?? null, second.of[name] ?? null))
    );
  }
  return first.of === second.of;
}

function text(value: Value): string {
  return printArgument(value, 's', noFlags());
}

function comparedAs(value: Value | null): Basic | 'other' {
  return value && isBasic(value) ? basicKind(value) : 'other';
}

function isBasic(value: Value): boolean {
  return ['bool', 'complex', 'int', 'uint', 'float', 'string'].includes(value.kind);
}

function isNil(value: Value | null): boolean {
  return value === null || value.of === null;
}

/** What `lt`, `le`, `gt` and `ge` go by: negative, zero or positive. Throws Error with Go's words. */
export function compareOrder(one: Value | null, other: Value | null): number {
  const first = unwrap(one);
  const second = unwrap(other);
  const kinds = [basicKind(first), basicKind(second)] as const;
  if (kinds[0] !== kinds[1] && !isNumberPair(...kinds)) throw new Error(incompatible);
  if (kinds[0] === 'bool' || kinds[0] === 'complex') throw new Error('invalid type for comparison');
  if (first?.kind === 'string' && second?.kind === 'string') return compareText(first.of, second.of);
  const a = first?.of as bigint | number;
  const b = second?.of as bigint | number;
  return a < b ? -1 : a > b ? 1 : 0;
}
