/** What operands are worth: literals, and values where a parameter has a type. */
import {
  bool,
  boolType,
  complexType,
  float,
  int,
  isAssignable,
  type Method,
  makeValue,
  pointerTo,
  type Type,
  text,
  type Value,
  zeroOf,
} from '../go/value.ts';
import { type Constant, describeNode, type Operand } from './nodes.ts';

/** The value that a pipeline hands to its next command; undefined: there is none. */
export type Final = Value | null | undefined;

/** A number as its own type. Throws Error with Go's words. */
export function constantValue(constant: Constant, source: string): Value {
  const plain = !/^[+-]?0x/i.test(source) && !source.startsWith("'");
  if (constant.complex) return makeValue(complexType, constant.complex);
  if (constant.float !== undefined && plain && /[.eEpP]/.test(source)) return float(constant.float);
  if (constant.integer !== undefined) return int(constant.integer);
  if (constant.unsigned !== undefined) throw new Error(`${source} overflows int`);
  return float(constant.float ?? 0);
}

/**
 * A literal where a parameter of this type is wanted: a number takes the parameter's own type. Throws Error with
 * Go's words.
 */
export function literal(
  node: Extract<Operand, { kind: 'bool' | 'number' | 'string' }>,
  type: Type | null,
): Value {
  const expected = (what: string) => new Error(`expected ${what}; found ${describeNode(node)}`);
  switch (type?.kind) {
    case undefined:
    case 'interface':
      if (node.kind === 'bool') return bool(node.of);
      return node.kind === 'string' ? text(node.of) : constantValue(node.constant, node.text);
    case 'bool':
      if (node.kind !== 'bool') throw expected('bool');
      return makeValue(boolType, node.of);
    case 'string':
      if (node.kind !== 'string') throw expected('string');
      return makeValue(type, node.of);
    case 'int':
      if (node.kind !== 'number' || node.constant.integer === undefined) throw expected('integer');
      return makeValue(type, node.constant.integer);
    case 'uint':
      if (node.kind !== 'number' || node.constant.unsigned === undefined) {
        throw expected('unsigned integer');
      }
      return makeValue(type, node.constant.unsigned);
    case 'float':
      if (node.kind !== 'number' || node.constant.float === undefined) throw expected('float');
      return makeValue(type, node.constant.float);
    default:
      throw new Error(`can't handle ${describeNode(node)} for arg of type ${type?.name}`);
  }
}

/** A value as the type that a parameter has; null takes all. Throws Error with Go's words. */
export function fitted(value: Value | null, type: Type | null): Value | null {
  if (value === null) {
    if (type === null || canBeNil(type)) return type ? zeroOf(type) : null;
    throw new Error(`invalid value; expected ${type.name}`);
  }
  if (type === null || isAssignable(value.type, type)) return value;
  if (value.kind === 'interface' && value.of && isAssignable(value.of.type, type)) return value.of;
  const held = value.kind === 'interface' && value.of ? value.of : value;
  if (held.kind === 'pointer' && held.type.element && isAssignable(held.type.element, type)) {
    if (held.of === null) throw new Error(`dereference of nil pointer of type ${type.name}`);
    return held.of;
  }
  throw new Error(`wrong type for value; expected ${type.name}; got ${held.type.name}`);
}

/** A value as Go names it that has no source. */
export function describeFinal(final: Final): string {
  if (final?.kind === 'string') return final.of;
  return final ? `<${final.type.name} Value>` : '<invalid Value>';
}

export function canBeNil(type: Type): boolean {
  return (
    ['interface', 'pointer', 'map', 'function'].includes(type.kind) ||
    (type.kind === 'slice' && type.length === undefined)
  );
}

/** A method of a value, or of the pointer that led to it. */
export function methodOf(receiver: Value, value: Value, name: string): Method | undefined {
  for (const type of [value.type, receiver.type, pointerTo(value.type)]) {
    const method = type.methods?.[name];
    if (method && Object.hasOwn(type.methods ?? {}, name)) return method;
  }
  return undefined;
}
