import type { Complex } from './value.ts';

/** Digits of a finite, non-negative number and the place of its decimal point: 0.<digits> × 10^point. */
function decimal(value: number, exponential: string): { digits: string; point: number } {
  const [mantissa = '', exponent = '0'] = exponential.split('e');
  const digits = mantissa.replace('.', '');
  return value === 0 ? { digits, point: 1 } : { digits, point: Number(exponent) + 1 };
}

function exponentForm(digits: string, point: number, letter: string): string {
  const exponent = /^0*$/.test(digits) ? 0 : point - 1;
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const size = Math.abs(exponent).toString().padStart(2, '0');
  return `${digits[0]}${fraction}${letter}${exponent < 0 ? '-' : '+'}${size}`;
}

function pointForm(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return digits.padEnd(point, '0');
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/**
 * Rounds the digits of an exact decimal text to `keep` of them where they lie just between two candidates: Go takes
 * the even one, JavaScript the larger one, which is `rounded`.
 */
function toEven(exact: string, rounded: string, keep: number): string {
  const digits = exact.replace(/e.*$/, '').replace('.', '');
  const isTie = /^50*$/.test(digits.slice(keep));
  const even = Number(digits[keep - 1] ?? 0) % 2 === 0;
  if (!isTie || !even) return rounded;
  const cut = exact
    .replace(/e.*$/, '')
    .slice(0, exact.includes('.') && keep > exact.indexOf('.') ? keep + 1 : keep);
  return cut + (/e.*$/.exec(exact)?.[0] ?? '');
}

function toExponential(value: number, precision: number): string {
  return toEven(value.toExponential(100), value.toExponential(precision), precision + 1);
}

function toFixed(value: number, precision: number): string {
  const exact = value.toFixed(100);
  return toEven(exact, value.toFixed(precision), exact.indexOf('.') + precision);
}

function fixed(value: number, precision: number): string {
  const digits = Math.min(precision, 100);
  // toFixed gives up from 10^21 on, where all numbers are whole.
  const text =
    value < 1e21 ? toFixed(value, digits) : `${BigInt(value)}${digits ? `.${'0'.repeat(digits)}` : ''}`;
  return text + '0'.repeat(precision - digits);
}

function general(value: number, precision: number, letter: string, shortest: boolean): string {
  const wanted = Math.min(Math.max(precision, 1), 100);
  const { digits: all, point } = decimal(
    value,
    shortest ? value.toExponential() : toExponential(value, wanted - 1),
  );
  const digits = shortest ? all : all.replace(/0+$/, '') || '0';
  const limit = shortest ? 6 : wanted > digits.length && digits.length >= point ? digits.length : wanted;
  const exponent = point - 1;
  return exponent < -4 || exponent >= limit ? exponentForm(digits, point, letter) : pointForm(digits, point);
}

/** A number as Go's strconv.FormatFloat writes it; a precision of null is the shortest exact form. */
export function formatFloat(value: number, verb: string, precision: number | null): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return sign ? '-Inf' : '+Inf';
  switch (verb) {
    case 'e':
    case 'E': {
      const text = precision === null ? size.toExponential() : toExponential(size, Math.min(precision, 100));
      const { digits, point } = decimal(size, text);
      return sign + exponentForm(digits, point, verb);
    }
    case 'f': {
      if (precision !== null) return sign + fixed(size, precision);
      const { digits, point } = decimal(size, size.toExponential());
      return sign + pointForm(digits, point);
    }
    case 'b':
      return sign + binaryForm(size);
    case 'x':
    case 'X':
      return sign + hexadecimalForm(size, verb, precision);
    default:
      return sign + general(size, precision ?? 6, verb === 'G' ? 'E' : 'e', precision === null);
  }
}

/** Mantissa and exponent of a number: mantissa × 2^exponent. */
function split(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const raw = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return raw === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: raw - 1075 };
}

function binaryForm(value: number): string {
  const { mantissa, exponent } = split(value);
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
}

function hexadecimalForm(value: number, verb: string, precision: number | null): string {
  let { mantissa, exponent } = split(value);
  exponent += 52;
  if (mantissa === 0n) exponent = 0;
  while (mantissa !== 0n && mantissa < 1n << 52n) {
    mantissa <<= 1n;
    exponent--;
  }
  if (precision !== null && precision < 13) {
    const cut = BigInt((13 - precision) * 4);
    const half = 1n << (cut - 1n);
    const rest = mantissa & ((1n << cut) - 1n);
    mantissa >>= cut;
    if (rest > half || (rest === half && mantissa & 1n)) mantissa++;
    mantissa <<= cut;
    if (mantissa >> 53n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const digits = (mantissa & 0xfffffffffffffn).toString(16).padStart(13, '0');
  const fraction =
    precision === null ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0');
  const size = Math.abs(exponent).toString().padStart(2, '0');
  const text = `0x${mantissa >> 52n}${fraction ? `.${fraction}` : ''}p${exponent < 0 ? '-' : '+'}${size}`;
  return verb === 'X' ? text.toUpperCase() : text;
}

/** A complex number in its plain form. */
export function formatComplex({ real, imaginary }: Complex): string {
  const second = formatFloat(imaginary, 'g', null);
  return `(${formatFloat(real, 'g', null)}${/^[+-]/.test(second) ? '' : '+'}${second}i)`;
}
