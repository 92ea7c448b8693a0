import { stringify } from 'yaml';
import { type Json, JsonNumber, parseJson } from './json.ts';

/** JSON text as a YAML document; no number loses a digit, and readers of YAML 1.1 take no text for a boolean. */
export function yamlOf(json: string): string {
  return stringify(plain(parseJson(json)), {
    compat: 'yaml-1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

function plain(value: Json): unknown {
  if (value instanceof JsonNumber) {
    const number = Number(value.digits);
    return /^-?\d+$/.test(value.digits) && !Number.isSafeInteger(number) ? BigInt(value.digits) : number;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
