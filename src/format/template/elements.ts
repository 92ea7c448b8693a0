import { indirect, makeValue, text, unwrap, type Value, zeroOf } from '../go/value.ts';

/** Follows a value to the one that is indexed or measured. */
function followed(item: Value, word: string): Value {
  const { value, isNil } = indirect(item);
  if (isNil) throw new Error(`${word} of nil pointer`);
  return value;
}

/** An argument as an index up to `most`, which is as far as it may go. */
function position(index: Value | null, most: number): number {
  const inner = unwrap(index);
  if (inner === null) throw new Error('cannot index slice/array with nil');
  if (inner.kind !== 'int' && inner.kind !== 'uint') {
    throw new Error(`cannot index slice/array with type ${inner.type.name}`);
  }
  if (inner.of < 0n || inner.of > BigInt(most)) throw new Error(`index out of range: ${inner.of}`);
  return Number(inner.of);
}

/** The function `index`: one element after the other, by place or by key. Throws Error with Go's words. */
export function indexInto(item: Value | null, keys: (Value | null)[]): Value | null {
  let at = unwrap(item);
  if (at === null) throw new Error('index of untyped nil');
  for (const key of keys) at = elementOf(followed(at, 'index'), key);
  return at;
}

function elementOf(value: Value, key: Value | null): Value {
  switch (value.kind) {
    case 'string': {
      const bytes = Buffer.from(value.of);
      const byte = bytes[position(key, bytes.length)];
      if (byte === undefined) throw new Error('reflect: string index out of range');
      return makeValue({ kind: 'uint', name: 'uint8' }, BigInt(byte));
    }
    case 'slice': {
      const elements = value.of ?? [];
      const element = elements[position(key, elements.length)];
      if (!element) throw new Error(`reflect: ${value.type.length ? 'array' : 'slice'} index out of range`);
      return element;
    }
    case 'map': {
      const inner = unwrap(key);
      const keyType = value.type.key?.name ?? 'string';
      if (inner === null) throw new Error(`value is nil; should be of type ${keyType}`);
      if (inner.kind !== 'string' || inner.type.name !== keyType) {
        throw new Error(`value has type ${inner.type.name}; should be ${keyType}`);
      }
      const { element } = value.type;
      return value.of?.get(inner.of) ?? zeroOf(element ?? inner.type);
    }
    default:
      throw new Error(`can't index item of type ${value.type.name}`);
  }
}

/** The function `slice`. Throws Error with Go's words. */
export function sliceOut(item: Value | null, bounds: (Value | null)[]): Value {
  const value = unwrap(item);
  if (value === null) throw new Error('slice of untyped nil');
  if (bounds.length > 3) throw new Error(`too many slice indexes: ${bounds.length}`);
  if (value.kind === 'string') {
    if (bounds.length === 3) throw new Error('cannot 3-index slice a string');
    const bytes = Buffer.from(value.of);
    return text(bytes.subarray(...range(bytes.length, bounds)).toString());
  }
  if (value.kind !== 'slice') throw new Error(`can't slice item of type ${value.type.name}`);
  const elements = value.of ?? [];
  return makeValue({ ...value.type }, elements.slice(...range(elements.length, bounds)));
}

function range(length: number, bounds: (Value | null)[]): [number, number] {
  const numbers = bounds.map((bound) => position(bound, length));
  const [start = 0, end = length, most] = numbers;
  if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`);
  if (most !== undefined && end > most) throw new Error(`invalid slice index: ${end} > ${most}`);
  return [start, end];
}

/** The function `len`: bytes of a text, elements of a list or map. Throws Error with Go's words. */
export function lengthOf(item: Value | null): number {
  if (item === null) throw new Error('reflect: call of reflect.Value.Type on zero Value');
  const value = followed(item, 'len');
  if (value.kind === 'string') return Buffer.byteLength(value.of);
  if (value.kind === 'slice') return value.of?.length ?? 0;
  if (value.kind === 'map') return value.of?.size ?? 0;
  throw new Error(`len of type ${value.type.name}`);
}
