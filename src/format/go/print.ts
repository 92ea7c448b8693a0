import { formatFloat } from './number.ts';
import { isPrintable, quote, quoteRune, runeText } from './quote.ts';
import { makeValue, sortedKeys, stringType, type Value } from './value.ts';

/** What stands between `%` and the verb. */
export interface Flags {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  width: number | null;
  precision: number | null;
  /** `%+v`: names of fields. */
  plusV: boolean;
  /** `%#v`: Go syntax. */
  sharpV: boolean;
}

export function noFlags(): Flags {
  const off = { minus: false, plus: false, sharp: false, space: false, zero: false };
  return { ...off, width: null, precision: null, plusV: false, sharpV: false };
}

/** Where pointers that are printed as addresses point to: nothing that anybody can use. */
const address = 0xc000012345n;

export function pad(text: string, flags: Flags): string {
  const missing = (flags.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (flags.minus) return text + ' '.repeat(missing);
  return (flags.zero ? '0' : ' ').repeat(missing) + text;
}

function truncate(text: string, { precision }: Flags): string {
  return precision === null ? text : [...text].slice(0, precision).join('');
}

/** One value under one verb, as Go's fmt prints it; null is a nil interface. */
export function printArgument(value: Value | null, verb: string, flags: Flags): string {
  if (value === null) return verb === 'T' || verb === 'v' ? pad('<nil>', flags) : badVerb(null, verb, flags);
  if (verb === 'T') return pad(value.type.name, flags);
  if (verb === 'p') return printPointer(value, verb, flags);
  return printValue(value, verb, flags, 0);
}

function badVerb(value: Value | null, verb: string, flags: Flags): string {
  const shown = value === null ? '<nil>' : `${value.type.name}=${printValue(value, 'v', flags, 0, true)}`;
  return `%!${verb}(${shown})`;
}

function printValue(value: Value, verb: string, flags: Flags, depth: number, erroring = false): string {
  if (flags.sharpV && verb === 'v' && value.type.syntax) return value.type.syntax(value);
  const said = erroring || flags.sharpV || !'vsxXq'.includes(verb) ? null : ownWords(value);
  if (said !== null) return printText(value, said, verb, flags);
  const inner = (item: Value) => printValue(item, verb, flags, depth + 1, erroring);
  switch (value.kind) {
    case 'bool':
      return verb === 't' || verb === 'v' ? pad(String(value.of), flags) : badVerb(value, verb, flags);
    case 'int':
    case 'uint':
      return printInteger(value, value.of, value.kind === 'int', verb, flags);
    case 'float':
      return printFloat(value, value.of, verb, flags);
    case 'complex': {
      if (!'vbgGxXfFeE'.includes(verb)) return badVerb(value, verb, flags);
      const real = printFloat(value, value.of.real, verb, flags);
      return `(${real}${printFloat(value, value.of.imaginary, verb, { ...flags, plus: true })}i)`;
    }
    case 'string':
      return printText(value, value.of, verb, flags);
    case 'interface':
      if (value.of === null) return flags.sharpV ? `${value.type.name}(nil)` : '<nil>';
      return inner(value.of);
    case 'slice': {
      if (flags.sharpV) {
        if (value.of === null) return `${value.type.name}(nil)`;
        return `${value.type.name}{${value.of.map(inner).join(', ')}}`;
      }
      return `[${(value.of ?? []).map(inner).join(' ')}]`;
    }
    case 'map': {
      const { of } = value;
      if (flags.sharpV && of === null) return `${value.type.name}(nil)`;
      const keyType = value.type.key ?? stringType;
      const key = (name: string) => inner(makeValue(keyType, name));
      const entries = of ? sortedKeys(of).map((name) => [key(name), of.get(name)] as const) : [];
      const shown = entries.map(([name, item]) => `${name}:${item ? inner(item) : ''}`);
      return flags.sharpV ? `${value.type.name}{${shown.join(', ')}}` : `map[${shown.join(' ')}]`;
    }
    case 'struct': {
      const named = flags.plusV || flags.sharpV;
      const shown = Object.entries(value.of).map(([name, item]) => {
        const field = item.kind === 'interface' && item.of !== null ? item.of : item;
        return (named ? `${name}:` : '') + inner(field);
      });
      return flags.sharpV ? `${value.type.name}{${shown.join(', ')}}` : `{${shown.join(' ')}}`;
    }
    case 'pointer':
      if (depth === 0 && value.of && ['slice', 'struct', 'map'].includes(value.of.kind)) {
        return `&${inner(value.of)}`;
      }
      return printPointer(value, verb, flags);
    default:
      return printPointer(value, verb, flags);
  }
}

/** What the Error() or String() of a value, or of what a pointer holds, says; null when it has none. */
function ownWords(value: Value): string | null {
  const holder = value.kind === 'pointer' && value.of ? value.of : value;
  return holder.type.describe?.(holder) ?? null;
}

function printPointer(value: Value, verb: string, flags: Flags): string {
  if (!['pointer', 'slice', 'map', 'function'].includes(value.kind)) return badVerb(value, verb, flags);
  const at = value.of === null ? 0n : address;
  const hexadecimal = (withPrefix: boolean) =>
    formatInteger(at, false, 16, 'x', { ...flags, sharp: withPrefix });
  if (verb === 'v') {
    if (flags.sharpV) return `(${value.type.name})(${at === 0n ? 'nil' : hexadecimal(true)})`;
    return at === 0n ? pad('<nil>', flags) : hexadecimal(!flags.sharp);
  }
  if (verb === 'p') return hexadecimal(!flags.sharp);
  return 'bodxX'.includes(verb) ? printInteger(value, at, false, verb, flags) : badVerb(value, verb, flags);
}

const bases: Record<string, number> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

function printInteger(value: Value, of: bigint, signed: boolean, verb: string, flags: Flags): string {
  if (verb === 'v' && flags.sharpV && !signed) {
    return formatInteger(of, false, 16, 'x', { ...flags, sharp: true });
  }
  const base = bases[verb];
  if (base !== undefined) return formatInteger(of, signed, base, verb, flags);
  const code = of > 0x10ffffn || of < 0n ? 0xfffd : Number(of);
  if (verb === 'c') return pad(runeText(code), flags);
  if (verb === 'q') return pad(quoteRune(code, flags.plus), flags);
  if (verb === 'U') {
    const name = `U+${of
      .toString(16)
      .toUpperCase()
      .padStart(Math.max(flags.precision ?? 0, 4), '0')}`;
    const shown = flags.sharp && isPrintable(runeText(code)) ? `${name} '${runeText(code)}'` : name;
    return pad(shown, { ...flags, zero: false });
  }
  return badVerb(value, verb, flags);
}

function formatInteger(of: bigint, signed: boolean, base: number, verb: string, flags: Flags): string {
  const negative = signed && of < 0n;
  const plain = { ...flags, zero: false };
  if (flags.precision === 0 && of === 0n) return pad('', plain);
  let least = flags.precision ?? 0;
  if (flags.precision === null && flags.zero && !flags.minus && flags.width !== null) {
    least = flags.width - (negative || flags.plus || flags.space ? 1 : 0);
  }
  let digits = (negative ? -of : of).toString(base).padStart(least, '0');
  if (flags.sharp) {
    if (base === 2) digits = `0b${digits}`;
    if (base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
    if (base === 16) digits = `0x${digits}`;
  }
  if (verb === 'O') digits = `0o${digits}`;
  if (verb === 'X') digits = digits.toUpperCase();
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  return pad(sign + digits, plain);
}

function printFloat(value: Value, of: number, verb: string, flags: Flags): string {
  const form = verb === 'v' ? 'g' : verb === 'F' ? 'f' : verb;
  if (!'gGbxXfeE'.includes(form)) return badVerb(value, verb, flags);
  const precision = flags.precision ?? ('feE'.includes(form) ? 6 : null);
  let number = formatFloat(of, form, precision);
  if (!/^[+-]/.test(number)) number = `+${number}`;
  if (flags.space && number.startsWith('+') && !flags.plus) number = ` ${number.slice(1)}`;
  if (/^.[IN]/.test(number)) {
    const shown = number[1] === 'N' && !flags.space && !flags.plus ? number.slice(1) : number;
    return pad(shown, { ...flags, zero: false });
  }
  if (flags.sharp && form !== 'b') number = withAllDigits(number, form, precision);
  if (flags.plus || !number.startsWith('+')) {
    const width = flags.width ?? 0;
    if (flags.zero && !flags.minus && width > number.length) {
      return number[0] + number.slice(1).padStart(width - 1, '0');
    }
    return pad(number, flags);
  }
  return pad(number.slice(1), flags);
}

/** The `#` flag: a decimal point always, and for %g the zeros at the end too. */
function withAllDigits(number: string, form: string, precision: number | null): string {
  const [, sign = '', digits = '', exponent = ''] = /^(.)([\d.]*)(.*)$/.exec(number) ?? [];
  let shown = digits.includes('.') ? digits : `${digits}.`;
  if (form === 'g' || form === 'G') {
    const significant = shown.replace('.', '').replace(/^0+(?=\d)/, '').length;
    shown += '0'.repeat(Math.max((precision ?? 6) - significant, 0));
  }
  return sign + shown + exponent;
}

function printText(value: Value, of: string, verb: string, flags: Flags): string {
  switch (verb) {
    case 'v':
      return flags.sharpV ? pad(quote(of), flags) : pad(truncate(of, flags), flags);
    case 's':
      return pad(truncate(of, flags), flags);
    case 'q': {
      const shown = truncate(of, flags);
      if (flags.sharp && !/[`\x00-\x08\x0a-\x1f\x7f\ufeff]/.test(shown)) return pad(`\`${shown}\``, flags);
      return pad(quote(shown, flags.plus), flags);
    }
    case 'x':
    case 'X':
      return pad(hexadecimalText(of, verb, flags), flags);
    default:
      return badVerb(value, verb, flags);
  }
}

function hexadecimalText(of: string, verb: string, flags: Flags): string {
  const all = Buffer.from(of);
  const bytes = [...all.subarray(0, flags.precision ?? all.length)].map((byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  const prefix = flags.sharp ? '0x' : '';
  const shown = flags.space ? bytes.map((byte) => prefix + byte).join(' ') : prefix + bytes.join('');
  const text = bytes.length ? shown : '';
  return verb === 'X' ? text.toUpperCase() : text;
}

const plain = noFlags();

/** `%v` of one value. */
export function display(value: Value | null): string {
  return printArgument(value, 'v', plain);
}

function isText(value: Value | null): boolean {
  return value?.kind === 'string';
}

/** fmt.Sprint: spaces between operands of which neither is a text. */
export function sprint(values: readonly (Value | null)[]): string {
  return values
    .map((value, index) => {
      const before = values[index - 1];
      const gap = index > 0 && !isText(value) && !isText(before ?? null);
      return (gap ? ' ' : '') + display(value);
    })
    .join('');
}

/** fmt.Sprintln: spaces between all operands, and a line end. */
export function sprintln(values: readonly (Value | null)[]): string {
  return `${values.map(display).join(' ')}\n`;
}

/** A value and its type where `%!verb(type=value)` shows them. */
export function withType(value: Value | null): string {
  return value === null ? '<nil>' : `${value.type.name}=${display(value)}`;
}
