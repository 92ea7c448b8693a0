import { type Flags, noFlags, printArgument, withType } from './print.ts';
import type { Value } from './value.ts';

const largest = 1_000_000;

interface Cursor {
  at: number;
  argument: number;
  reordered: boolean;
  goodIndex: boolean;
  afterIndex: boolean;
}

/** fmt.Sprintf with Go's verbs, flags and complaints. */
export function sprintf(format: string, values: readonly (Value | null)[]): string {
  const cursor: Cursor = { at: 0, argument: 0, reordered: false, goodIndex: true, afterIndex: false };
  let result = '';
  for (;;) {
    const percent = format.indexOf('%', cursor.at);
    if (percent < 0) {
      result += format.slice(cursor.at);
      break;
    }
    result += format.slice(cursor.at, percent);
    cursor.at = percent + 1;
    cursor.goodIndex = true;
    cursor.afterIndex = false;
    result += directive(format, values, cursor);
  }
  if (!cursor.reordered && cursor.argument < values.length) {
    result += `%!(EXTRA ${values.slice(cursor.argument).map(withType).join(', ')})`;
  }
  return result;
}

/** One directive, from after its `%` to its verb. */
function directive(format: string, values: readonly (Value | null)[], cursor: Cursor): string {
  const flags = noFlags();
  readFlags(format, cursor, flags);
  readIndex(format, values.length, cursor);
  let complaints = readWidth(format, values, cursor, flags);
  complaints += readPrecision(format, values, cursor, flags);
  if (!cursor.afterIndex) readIndex(format, values.length, cursor);
  const code = format.codePointAt(cursor.at);
  if (code === undefined) return `${complaints}%!(NOVERB)`;
  const verb = String.fromCodePoint(code);
  cursor.at += verb.length;
  if (verb === '%') return `${complaints}%`;
  if (!cursor.goodIndex) return `${complaints}%!${verb}(BADINDEX)`;
  const value = values[cursor.argument];
  if (value === undefined) return `${complaints}%!${verb}(MISSING)`;
  if (verb === 'v') {
    flags.sharpV = flags.sharp;
    flags.plusV = flags.plus;
    flags.sharp = false;
    flags.plus = false;
  }
  cursor.argument++;
  return complaints + printArgument(value, verb, flags);
}

function readFlags(format: string, cursor: Cursor, flags: Flags): void {
  for (; ; cursor.at++) {
    const character = format[cursor.at];
    if (character === '#') flags.sharp = true;
    else if (character === '0') flags.zero = true;
    else if (character === '+') flags.plus = true;
    else if (character === '-') flags.minus = true;
    else if (character === ' ') flags.space = true;
    else return;
  }
}

/** Reads `[3]`, which chooses the argument. */
function readIndex(format: string, count: number, cursor: Cursor): void {
  if (format[cursor.at] !== '[') return;
  cursor.reordered = true;
  const end = format.indexOf(']', cursor.at);
  if (end < 0) {
    cursor.goodIndex = false;
    cursor.at++;
    return;
  }
  const inside = format.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  const index = /^\d+$/.test(inside) ? Number(inside) - 1 : -1;
  if (index < 0 || index >= count) {
    cursor.goodIndex = false;
    return;
  }
  cursor.argument = index;
  cursor.afterIndex = true;
}

function readNumber(format: string, cursor: Cursor): number | null {
  const [digits = ''] = /^\d*/.exec(format.slice(cursor.at)) ?? [];
  if (digits === '' || Number(digits) > largest) return null;
  cursor.at += digits.length;
  return Number(digits);
}

/** The value that `*` stands for; null when it is not a small whole number. */
function takeNumber(values: readonly (Value | null)[], cursor: Cursor): number | null {
  const value = values[cursor.argument];
  if (value === undefined) return null;
  cursor.argument++;
  if (value === null || (value.kind !== 'int' && value.kind !== 'uint')) return null;
  const number = Number(value.of);
  return Math.abs(number) > largest ? null : number;
}

function readWidth(format: string, values: readonly (Value | null)[], cursor: Cursor, flags: Flags): string {
  if (format[cursor.at] !== '*') {
    flags.width = readNumber(format, cursor);
    if (cursor.afterIndex && flags.width !== null) cursor.goodIndex = false;
    return '';
  }
  cursor.at++;
  cursor.afterIndex = false;
  flags.width = takeNumber(values, cursor);
  if (flags.width === null) return '%!(BADWIDTH)';
  if (flags.width < 0) {
    flags.width = -flags.width;
    flags.minus = true;
    flags.zero = false;
  }
  return '';
}

function readPrecision(
  format: string,
  values: readonly (Value | null)[],
  cursor: Cursor,
  flags: Flags,
): string {
  if (format[cursor.at] !== '.') return '';
  cursor.at++;
  if (cursor.afterIndex) cursor.goodIndex = false;
  readIndex(format, values.length, cursor);
  if (format[cursor.at] !== '*') {
    flags.precision = readNumber(format, cursor) ?? 0;
    return '';
  }
  cursor.at++;
  cursor.afterIndex = false;
  const precision = takeNumber(values, cursor);
  flags.precision = precision !== null && precision < 0 ? null : precision;
  return flags.precision === null ? '%!(BADPREC)' : '';
}
