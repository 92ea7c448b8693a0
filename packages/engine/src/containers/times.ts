import { now, parseTime } from '../clock.ts';

/** The time that stands for "never" in the API. */
export const never = '0001-01-01T00:00:00Z';

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
