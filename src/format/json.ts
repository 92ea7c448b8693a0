/** A number in JSON by its digits: no number is too large or too exact for it. */
export class JsonNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }
}

export type Json = null | boolean | string | JsonNumber | Json[] | { [key: string]: Json };

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

/** Parses JSON and keeps every number as it was written. Throws SyntaxError. */
export function parseJson(source: string): Json {
  const keepDigits: Reviver = (_key, value, context) =>
    typeof value === 'number' ? new JsonNumber(context.source ?? String(value)) : value;
  return JSON.parse(source, keepDigits as (this: unknown, key: string, value: unknown) => unknown) as Json;
}

/**
 * Lays out JSON text with this indentation and changes nothing else: the order of keys, the digits of numbers and
 * the escapes of texts stay as they are, as with Go's json.Indent.
 */
export function indentJson(source: string, indent: string): string {
  let result = '';
  let depth = 0;
  const newLine = () => `\n${indent.repeat(depth)}`;
  for (const [token] of source.matchAll(tokens)) {
    const opened = result.endsWith('{') || result.endsWith('[');
    switch (token) {
      case '{':
      case '[':
        if (opened) result += newLine();
        depth++;
        // What is empty stays on one line, so the line is broken only before what follows.
        result += token;
        break;
      case '}':
      case ']':
        depth--;
        result += opened ? token : newLine() + token;
        break;
      case ',':
        result += `,${newLine()}`;
        break;
      case ':':
        result += ': ';
        break;
      default:
        result += opened ? newLine() + token : token;
    }
  }
  return result;
}

/** JSON text without the white space between its tokens. */
export function compactJson(source: string): string {
  return Array.from(source.matchAll(tokens), ([token]) => token).join('');
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;
