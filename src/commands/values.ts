/** Nanoseconds, as the API carries durations. */
export type Duration = number;

const byteUnits: Record<string, number> = {
  '': 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  p: 1024 ** 5,
};

/** Reads a number of bytes in docker's notation: `64m`, `1.5GiB`, `512`; units are powers of 1024. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+) ?([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  const unit = byteUnits[match?.[2]?.toLowerCase() ?? '?'];
  if (!match || unit === undefined) throw new Error(`invalid size: '${text}'`);
  return Math.trunc(Number(match[1]) * unit);
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
