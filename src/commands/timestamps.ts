import { parseDuration } from './values.ts';

/** A moment in Unix seconds, as the API takes it: `1700000000` or `1700000000.000000000`. */
export type Timestamp = string;

interface Layout {
  /** As Go writes it: what error messages show. */
  text: string;
  hasZone: boolean;
}

const date = '2006-01-02';

/** The layout that docker's client expects of a time written like this one. */
function layoutOf(value: string): Layout {
  const hasZone = /[zZ+]/.test(value) || value.split('-').length === 4;
  const zone = hasZone ? 'Z07:00' : '';
  if (value.includes('.')) return { text: `${date}T15:04:05.999999999${zone}`, hasZone };
  if (!value.includes('T')) return { text: date + zone, hasZone };
  const colons = value.split(':').length - 1;
  const ofClock = hasZone && !/[zZ]/.test(value) && colons > 0 ? colons - 1 : colons;
  const clock = ['T15', 'T15:04'][ofClock] ?? 'T15:04:05';
  return { text: date + clock + zone, hasZone };
}

const patterns: Record<string, RegExp> = {
  '2006': /^\d{4}/,
  '01': /^\d\d/,
  '02': /^\d\d/,
  '15': /^\d{1,2}/,
  '04': /^\d\d/,
  '05': /^\d\d(?:[.,]\d+)?/,
  '.999999999': /^(?:[.,]\d+)?/,
  'Z07:00': /^(?:Z|[+-]\d\d:\d\d)/,
};

/** Reads a time by a layout. Throws Error with the words of Go's time.Parse. */
function parseTime(value: string, layout: string): Record<string, string> {
  const quoted = JSON.stringify(value);
  const parts: Record<string, string> = {};
  let rest = value;
  for (const [part] of layout.matchAll(/2006|01|02|15|04|05|\.9+|Z07:00|[^\d]/g)) {
    const pattern = patterns[part];
    const found = pattern ? pattern.exec(rest)?.[0] : rest.startsWith(part) ? part : undefined;
    if (found === undefined) {
      throw new Error(
        `parsing time ${quoted} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as "${part}"`,
      );
    }
    parts[part] = found;
    rest = rest.slice(found.length);
  }
  if (rest !== '') throw new Error(`parsing time ${quoted}: extra text: ${JSON.stringify(rest)}`);
  const outOfRange = rangeProblem(parts);
  if (outOfRange) throw new Error(`parsing time ${quoted}: ${outOfRange} out of range`);
  return parts;
}

function rangeProblem(parts: Record<string, string>): string | null {
  const number = (part: string) => Math.trunc(Number((parts[part] ?? '0').replace(',', '.')));
  const month = number('01');
  if (month < 1 || month > 12) return 'month';
  if (number('15') > 23) return 'hour';
  if (number('04') > 59) return 'minute';
  if (number('05') > 59) return 'second';
  const days = new Date(Date.UTC(number('2006'), month, 0)).getUTCDate();
  return number('02') < 1 || number('02') > days ? 'day' : null;
}

/** Seconds and nanoseconds of a parsed time; `offset` counts where the text names no zone. */
function toTimestamp(parts: Record<string, string>, offset: number): Timestamp {
  const [second = '0', fraction = ''] = (parts['05'] ?? '0').split(/[.,]/);
  const digits = fraction + (parts['.999999999'] ?? '').slice(1);
  const moment = new Date(0);
  moment.setUTCFullYear(Number(parts['2006']), Number(parts['01']) - 1, Number(parts['02']));
  moment.setUTCHours(Number(parts['15'] ?? 0), Number(parts['04'] ?? 0), Number(second));
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(parts['Z07:00'] ?? '') ?? [];
  const size = Number(hours) * 3600 + Number(minutes) * 60;
  const east = parts['Z07:00'] === undefined ? offset : sign ? (sign === '-' ? -size : size) : 0;
  return `${moment.getTime() / 1000 - east}.${digits.slice(0, 9).padEnd(9, '0')}`;
}

/**
 * Turns what a user may write for a time (Unix seconds, RFC 3339 in whole or in part, or a Go duration back from
 * `now`) into what engines take. Throws Error with docker's words.
 */
export function toEngineTime(value: string, now = new Date()): Timestamp {
  const ago = value === '0' ? null : durationOrNull(value);
  if (ago !== null) return String(Math.floor((now.getTime() - ago / 1e6) / 1000));
  const layout = layoutOf(value);
  try {
    return toTimestamp(parseTime(value, layout.text), -now.getTimezoneOffset() * 60);
  } catch (error) {
    if (value.includes('-')) throw error;
    if (/^[+-]?\d+(\.[+-]?\d+)?$/.test(value)) return value;
    throw new Error(`failed to parse value as time or duration: ${JSON.stringify(value)}`);
  }
}

function durationOrNull(value: string): number | null {
  try {
    return parseDuration(value);
  } catch {
    return null;
  }
}
