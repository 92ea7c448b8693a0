/** Splits `NAME=VALUE`; a name alone has an empty value. */
export function splitPair(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Nanoseconds, as the API carries durations. */
export type Duration = number;

const byteUnits = ['k', 'm', 'g', 't', 'p'];

/** Reads a number of bytes in docker's notation: `64m`, `1.5GiB`, `512`; units are powers of 1024. */
export function parseBytes(text: string): number {
  const at = text.search(/[^\d. ]*$/);
  if (at === 0) throw new Error(`invalid size: '${text}'`);
  const number = text.slice(0, at).replace(/ $/, '');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number)) {
    throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(number)}: invalid syntax`);
  }
  if (Number(number) < 0) throw new Error(`invalid size: '${text}'`);
  const suffix = text.slice(at).toLowerCase();
  const [, unit = ''] = /^([kmgtp]?)(?:(?<=[kmgtp])i)?b?$/.exec(suffix) ?? refuseSuffix(suffix);
  if (suffix.endsWith('i')) refuseSuffix(suffix);
  return Math.trunc(Number(number) * 1024 ** (byteUnits.indexOf(unit) + 1));
}

function refuseSuffix(suffix: string): never {
  throw new Error(`invalid suffix: '${suffix}'`);
}

const timeUnits: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Reads a duration in Go's notation, such as `1m30s` or `-1.5h`, to nanoseconds. */
export function parseDuration(text: string): Duration {
  const quoted = JSON.stringify(text);
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0;
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)([^\d.]*)/gu)];
  if (rest === '' || parts.map(([part]) => part).join('') !== rest) {
    throw new Error(`time: invalid duration ${quoted}`);
  }
  let total = 0;
  for (const [, amount = '', unit = ''] of parts) {
    if (unit === '') throw new Error(`time: missing unit in duration ${quoted}`);
    const size = timeUnits[unit];
    if (size === undefined)
      throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    total += Number(amount) * size;
  }
  if (!Number.isFinite(total) || total > 2 ** 63) throw new Error(`time: invalid duration ${quoted}`);
  return Math.round(sign === '-' ? -total : total);
}
