import { EngineError } from './errors.ts';

const millisecond = 1_000_000n;
let offset = 0n;

/**
 * Unix time in nanoseconds. The clock's own milliseconds, refined by the monotonic clock, which is set anew
 * whenever the two drift apart: by a step of the clock or a sleep of the machine.
 */
export function now(): bigint {
  const wall = BigInt(Date.now()) * millisecond;
  const ticks = process.hrtime.bigint();
  const refined = ticks + offset;
  if (refined >= wall && refined < wall + 2n * millisecond) {
    // Who asks for what happened until now, by a clock of milliseconds, is to find what has happened.
    const last = wall + millisecond - 1n;
    return refined < last ? refined : last;
  }
  offset = wall - ticks;
  return wall;
}

/** Writes a time as Go's RFC3339Nano does: in UTC, without the zeros that end its fraction. */
export function formatTime(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

/** Reads a time in RFC 3339, null when it is none. */
export function parseTime(text: string): bigint | null {
  const match = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return null;
  const [, day, time, fraction = '', zone = 'Z'] = match;
  const milliseconds = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(milliseconds)) return null;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Whether a time that `formatTime` wrote is before another. */
export function isEarlier(first: string, second: string): boolean {
  // Without the Z they sort as text: a fraction that ends early is the smaller one.
  return first.slice(0, -1) < second.slice(0, -1);
}

/**
 * Reads a query's point in time: seconds of Unix time with a fraction ("1.5") or RFC 3339, as nanoseconds; null
 * when it is empty.
 */
export function parseMoment(name: string, text: string): bigint | null {
  if (text === '') return null;
  const [, sign = '', seconds, fraction = ''] = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (seconds === undefined) return parseTime(text) ?? refuse(name, text);
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return sign ? -nanoseconds : nanoseconds;
}

function refuse(name: string, text: string): never {
  throw new EngineError(
    'badParameter',
    `invalid value for ${name}: ${JSON.stringify(text)} is no point in time`,
  );
}
