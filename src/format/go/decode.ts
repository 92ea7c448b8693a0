import { type Json, JsonNumber } from '../json.ts';
import {
  anyType,
  boolType,
  makeValue,
  mapOf,
  sliceOf,
  stringType,
  type Type,
  type Value,
  zeroOf,
} from './value.ts';

/** Go's json.Number: a text that JSON writes without quotes. */
export const numberType: Type = {
  kind: 'string',
  name: 'json.Number',
  encode: (value) => (value.kind === 'string' ? value.of : '0'),
};

const anyMap = mapOf(anyType);
const anySlice = sliceOf(anyType);

function wrapped(value: Value | null): Value {
  return makeValue(anyType, value);
}

/** A JSON value as Go decodes it into an empty interface, numbers kept as json.Number. */
export function dynamicValue(json: Json): Value | null {
  if (json === null) return null;
  if (typeof json === 'boolean') return makeValue(boolType, json);
  if (typeof json === 'string') return makeValue(stringType, json);
  if (json instanceof JsonNumber) return makeValue(numberType, json.digits);
  if (Array.isArray(json)) {
    return makeValue(
      anySlice,
      json.map((item) => wrapped(dynamicValue(item))),
    );
  }
  const entries = Object.entries(json).map(([key, item]) => [key, wrapped(dynamicValue(item))] as const);
  return makeValue(anyMap, new Map(entries));
}

/** JSON that does not fit the type it is decoded into. */
export class DecodeError extends Error {
  override name = 'DecodeError';
}

/** A JSON value as Go decodes it into a type of its own. Throws DecodeError. */
export function typedValue(type: Type, json: Json | undefined): Value {
  if (json === undefined || json === null) return zeroOf(type);
  if (type.decode) return type.decode(json);
  switch (type.kind) {
    case 'interface':
      return makeValue(type, dynamicValue(json));
    case 'pointer':
      return makeValue(type, type.element ? typedValue(type.element, json) : null);
    case 'bool':
      if (typeof json === 'boolean') return makeValue(type, json);
      break;
    case 'string':
      if (typeof json === 'string') return makeValue(type, json);
      break;
    case 'int':
    case 'uint':
      if (json instanceof JsonNumber && /^-?\d+$/.test(json.digits))
        return makeValue(type, BigInt(json.digits));
      break;
    case 'float':
      if (json instanceof JsonNumber) return makeValue(type, Number(json.digits));
      break;
    case 'slice': {
      const { element } = type;
      if (!Array.isArray(json) || !element) break;
      return makeValue(
        type,
        json.map((item) => typedValue(element, item)),
      );
    }
    case 'map': {
      const { element } = type;
      if (!isObject(json) || !element) break;
      const entries = Object.entries(json).map(([key, item]) => [key, typedValue(element, item)] as const);
      return makeValue(type, new Map(entries));
    }
    case 'struct':
      if (isObject(json)) return structValue(type, json);
      break;
  }
  throw new DecodeError(`cannot unmarshal into Go value of type ${type.name}`);
}

function isObject(json: Json): json is { [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof JsonNumber);
}

function structValue(type: Type, json: { [key: string]: Json }): Value {
  const entries = (type.fields ?? []).map((field) => {
    const source = field.embedded
      ? json
      : field.json && Object.hasOwn(json, field.json)
        ? json[field.json]
        : null;
    return [field.name, typedValue(field.type, source)] as const;
  });
  return makeValue(type, Object.fromEntries(entries));
}
