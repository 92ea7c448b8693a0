import { encodeJson } from '../go/encode.ts';
import {
  anyType,
  intType,
  makeValue,
  sliceOf,
  stringType,
  type Type,
  text,
  unwrap,
  type Value,
} from '../go/value.ts';
import type { Functions, TemplateFunction } from './functions.ts';

const strings = sliceOf(stringType);

function textOf(value: Value | null | undefined): string {
  const inner = unwrap(value ?? null);
  return inner?.kind === 'string' ? inner.of : '';
}

function numberOf(value: Value | null | undefined): number {
  return value?.kind === 'int' ? Number(value.of) : 0;
}

function onText(change: (value: string) => string): TemplateFunction {
  return { parameters: [stringType], call: ([value]) => text(change(textOf(value))) };
}

function pieces(value: string, separator: string): Value {
  const parts = separator === '' ? [...value] : value.split(separator);
  return makeValue(strings, parts.map(text));
}

/** The elements of a list as one text. */
function join(list: Value | null | undefined, separator: string): string {
  return list?.kind === 'slice' ? (list.of ?? []).map(textOf).join(separator) : '';
}

function title(value: string): string {
  return value.replace(
    /(^|[\s\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f])(\p{L})/gu,
    (_all, before: string, letter: string) => before + upper(letter),
  );
}

/** Upper case letter by letter, as Go's: no letter becomes two. */
function upper(value: string): string {
  return [...value].map((letter) => single(letter, letter.toUpperCase())).join('');
}

function lower(value: string): string {
  return [...value].map((letter) => single(letter, letter.toLowerCase())).join('');
}

function single(letter: string, changed: string): string {
  return [...changed].length === 1 ? changed : letter;
}

function padded(value: string, before: number, after: number): string {
  if (value === '') return value;
  if (before < 0 || after < 0) throw new Error('strings: negative Repeat count');
  return ' '.repeat(before) + value + ' '.repeat(after);
}

function truncated(value: string, length: number): string {
  if (length < 0) throw new Error(`runtime error: slice bounds out of range [:${length}]`);
  return Buffer.from(value).subarray(0, length).toString();
}

/** The functions that docker adds to Go's. */
export const dockerFunctions: Functions = {
  json: { parameters: [anyType], call: ([value = null]) => text(encodeJson(value)) },
  split: {
    parameters: [stringType, stringType],
    call: ([value, separator]) => pieces(textOf(value), textOf(separator)),
  },
  join: {
    parameters: [strings, stringType],
    call: ([list, separator]) => text(join(list, textOf(separator))),
  },
  title: onText(title),
  lower: onText(lower),
  upper: onText(upper),
  pad: {
    parameters: [stringType, intType, intType],
    call: ([value, before, after]) => text(padded(textOf(value), numberOf(before), numberOf(after))),
  },
  truncate: {
    parameters: [stringType, intType],
    call: ([value, length]) => text(truncated(textOf(value), numberOf(length))),
  },
};

function first(...rest: Type[]): TemplateFunction {
  return { parameters: [stringType, ...rest], call: ([value]) => text(textOf(value)) };
}

/** The same functions for the headings of a table, which they leave as they are. */
export const headingFunctions: Functions = {
  json: first(),
  split: first(stringType),
  join: first(stringType),
  title: first(),
  lower: first(),
  upper: first(),
  truncate: first(intType),
};
