import { formatFloat } from './number.ts';
import { sortedKeys, type Value, zeroOf } from './value.ts';

const shortEscapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A text as Go's encoding/json writes it. */
export function encodeText(text: string, escapeHtml: boolean): string {
  const special = escapeHtml ? /["\\\x00-\x1f<>&\u2028\u2029]/g : /["\\\x00-\x1f\u2028\u2029]/g;
  const escaped = text
    .toWellFormed()
    .replace(
      special,
      (character) => shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return `"${escaped}"`;
}

function encodeFloat(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e21)) {
    return formatFloat(value, 'e', null).replace(/e-0(\d)$/, 'e-$1');
  }
  return formatFloat(value, 'f', null);
}

function isEmpty(value: Value): boolean {
  switch (value.kind) {
    case 'struct':
    case 'complex':
    case 'function':
      return false;
    case 'slice':
      return value.of === null || value.of.length === 0;
    case 'map':
      return value.of === null || value.of.size === 0;
    default:
      return !value.of;
  }
}

/** A value as Go's encoding/json writes it. */
export function encodeJson(value: Value | null, escapeHtml = false): string {
  if (value === null) return 'null';
  if (value.type.encode) return value.type.encode(value);
  switch (value.kind) {
    case 'bool':
    case 'int':
    case 'uint':
      return String(value.of);
    case 'float':
      return encodeFloat(value.of);
    case 'string':
      return encodeText(value.of, escapeHtml);
    case 'pointer':
    case 'interface':
      return encodeJson(value.of, escapeHtml);
    case 'slice':
      return value.of ? `[${value.of.map((item) => encodeJson(item, escapeHtml)).join(',')}]` : 'null';
    case 'map': {
      const { of } = value;
      if (of === null) return 'null';
      const entries = sortedKeys(of).map(
        (key) => `${encodeText(key, escapeHtml)}:${encodeJson(of.get(key) ?? null, escapeHtml)}`,
      );
      return `{${entries.join(',')}}`;
    }
    case 'struct':
      return `{${structEntries(value, escapeHtml).join(',')}}`;
    default:
      throw new Error(`json: unsupported type: ${value.type.name}`);
  }
}

function structEntries(value: Value, escapeHtml: boolean): string[] {
  if (value.kind === 'pointer') return value.of ? structEntries(value.of, escapeHtml) : [];
  if (value.kind !== 'struct') return [];
  return (value.type.fields ?? []).flatMap((field) => {
    const item = value.of[field.name] ?? zeroOf(field.type);
    if (field.embedded) return structEntries(item, escapeHtml);
    if (field.json === '' || (field.omitEmpty && isEmpty(item))) return [];
    return [`${encodeText(field.json, escapeHtml)}:${encodeJson(item, escapeHtml)}`];
  });
}
