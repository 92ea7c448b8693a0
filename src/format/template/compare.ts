import { display } from '../go/print.ts';
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

/** Whether Go's `==` is defined for values of this kind. */
function isComparable(value: Value): boolean {
  if (value.kind === 'struct') return Object.values(value.of).every(isComparable);
  if (value.kind === 'slice') return value.type.length !== undefined;
  return value.kind !== 'map' && value.kind !== 'function';
}

function isNumberPair(first: Basic, second: Basic): boolean {
  return (first === 'int' && second === 'uint') || (first === 'uint' && second === 'int');
}

/** The function `eq`: whether the first value equals one of the others. Throws Error with Go's words. */
export function equalsAny(one: Value | null, others: (Value | null)[]): boolean {
  const first = unwrap(one);
  if (others.length === 0) throw new Error('missing argument for comparison');
  return others.some((other) => equals(first, unwrap(other)));
}

function equals(first: Value | null, second: Value | null): boolean {
  if (first && second && isBasic(first) && isBasic(second)) {
    const kinds = [basicKind(first), basicKind(second)] as const;
    if (kinds[0] !== kinds[1] && !isNumberPair(...kinds)) throw new Error(incompatible);
    if (first.kind === 'complex' && second.kind === 'complex') {
      return first.of.real === second.of.real && first.of.imaginary === second.of.imaginary;
    }
    return first.of === second.of;
  }
  for (const value of [first, second]) {
    if (value && !isComparable(value)) {
      if (first && second && isNil(first) !== isNil(second) && (isNil(first) || isNil(second))) return false;
      throw new Error(`non-comparable type ${display(value)}: ${value.type.name}`);
    }
  }
  if (!first || !second) return first === second || isNil(first) === isNil(second);
  if (first.type !== second.type) throw new Error(incompatible);
  return first.kind === 'struct' && second.kind === 'struct'
    ? Object.keys(first.of).every((name) => equals(first.of[name] ?? null, second.of[name] ?? null))
    : first.of === second.of;
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
