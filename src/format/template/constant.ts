import { quote, unquoteInside } from '../go/quote.ts';
import type { Constant } from './nodes.ts';

const mostInteger = (1n << 63n) - 1n;
const leastInteger = -(1n << 63n);
const mostUnsigned = (1n << 64n) - 1n;

/** Reads a number token of a template. Throws Error with Go's words when it is none. */
export function readConstant(text: string, type: 'constant' | 'complex' | 'number'): Constant {
  if (type === 'constant') return readCharacter(text);
  if (type === 'complex') return readComplex(text);
  if (text.endsWith('i')) {
    const imaginary = readFloat(text.slice(0, -1));
    if (imaginary === null) throw illegal(text);
    return simplified({ real: 0, imaginary });
  }
  const integer = readInteger(text);
  if (integer !== null) {
    const constant: Constant = { float: Number(integer) };
    if (integer >= leastInteger && integer <= mostInteger) constant.integer = integer;
    if (integer >= 0n && integer <= mostUnsigned && !text.startsWith('+')) constant.unsigned = integer;
    if (constant.integer === undefined && constant.unsigned === undefined) {
      throw new Error(`integer overflow: ${quote(text)}`);
    }
    return constant;
  }
  const float = readFloat(text);
  if (float === null) throw illegal(text);
  return withWhole(float);
}

function illegal(text: string): Error {
  return new Error(`illegal number syntax: ${quote(text)}`);
}

function readCharacter(text: string): Constant {
  const inside = unquoteInside(text.slice(1, -1), "'");
  const characters = inside === null ? [] : [...inside];
  if (characters.length !== 1) throw new Error(`malformed character constant: ${text}`);
  const code = characters[0]?.codePointAt(0) ?? 0;
  return { integer: BigInt(code), unsigned: BigInt(code), float: code };
}

function readComplex(text: string): Constant {
  const [, first = '', second = ''] = /^(.*[^eEpP+-])([+-].*)i$/.exec(text) ?? [];
  const real = readFloat(first);
  const imaginary = readFloat(second);
  if (real === null || imaginary === null) throw illegal(text);
  return simplified({ real, imaginary });
}

/** A complex number without an imaginary part is a float, and a whole float is an integer. */
function simplified(complex: { real: number; imaginary: number }): Constant {
  return complex.imaginary === 0 ? { complex, ...withWhole(complex.real) } : { complex };
}

function withWhole(float: number): Constant {
  const constant: Constant = { float };
  if (Number.isInteger(float) && Math.abs(float) < 2 ** 63) {
    constant.integer = BigInt(float);
    if (float >= 0) constant.unsigned = BigInt(float);
  }
  return constant;
}

/** An underscore may only stand between digits, or after a base prefix. */
function underscoresFit(digits: string): boolean {
  return !/^_|__|_$|_[^\da-f]|[^\da-fx]_/i.test(digits) || /^0[xob]_[^_]*$/i.test(digits);
}

function readInteger(text: string): bigint | null {
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (!underscoresFit(digits)) return null;
  const bare = digits.replaceAll('_', '');
  if (!/^(0x[\da-f]+|0b[01]+|0o?[0-7]+|0|[1-9]\d*)$/i.test(bare)) return null;
  const literal = /^0[0-7]+$/.test(bare) ? `0o${bare.slice(1)}` : bare;
  const size = BigInt(literal.toLowerCase());
  return sign === '-' ? -size : size;
}

function readFloat(text: string): number | null {
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (digits.includes('_') && !underscoresFit(digits)) return null;
  const bare = digits.replaceAll('_', '').toLowerCase();
  const size = bare.startsWith('0x') ? readHexadecimal(bare) : readDecimal(bare);
  if (size === null || size === Number.POSITIVE_INFINITY) return null;
  return sign === '-' ? -size : size;
}

function readDecimal(digits: string): number | null {
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(digits) ? Number(digits) : null;
}

function readHexadecimal(digits: string): number | null {
  const [, whole = '', fraction = '', power] =
    /^0x([\da-f]*)(?:\.([\da-f]*))?p([+-]?\d+)$/.exec(digits) ?? [];
  if (power === undefined || whole + fraction === '') return null;
  return Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
}
