/** The time that stands for "never" in the API. */
export const never = '0001-01-01T00:00:00Z';

let offset = 0n;

/**
 * Unix time in nanoseconds. The clock's own milliseconds, refined by the monotonic clock, which is set anew
 * whenever the two drift apart: by a step of the clock or a sleep of the machine.
 */
export function now(): bigint {
  const wall = BigInt(Date.now()) * 1_000_000n;
  const ticks = process.hrtime.bigint();
  const refined = ticks + offset;
  if (refined >= wall && refined < wall + 2_000_000n) return refined;
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

/** Milliseconds since a time in RFC 3339. */
export function millisecondsSince(text: string, at = now()): number {
  const since = parseTime(text);
  return since === null ? 0 : Number((at - since) / 1_000_000n);
}

/** Says how long something took in the words that docker uses: `2 minutes`, `About an hour`. */
export function describeDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(milliseconds / 60_000);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(milliseconds / 3_600_000 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 7 * 2) return `${days} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(days / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(days / 30)} months`;
  return `${Math.trunc(milliseconds / 3_600_000 / 24 / 365)} years`;
}
