import type { Filters } from '@davit/api';
import { EngineError } from '../errors.ts';
import { parseDuration, parseTimestamp } from './times.ts';

const known = ['before', 'dangling', 'label', 'reference', 'since', 'until'];

/** Refuses filters that docker does not know, so that a typing error does not select everything. */
export function checkFilters(filters: Filters): void {
  const unknown = Object.keys(filters).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new EngineError('badParameter', `invalid filter '${unknown}'`);
}

/** What a filter says that is on or off; null when it is not given. */
export function readSwitch(filters: Filters, name: string): boolean | null {
  const values = filters[name] ?? [];
  if (values.length === 0) return null;
  if (values.every((value) => ['1', 'true'].includes(value.toLowerCase()))) return true;
  if (values.every((value) => ['0', 'false'].includes(value.toLowerCase()))) return false;
  throw new EngineError('badParameter', `invalid filter '${name}=[${values.join(' ')}]'`);
}

/** Whether labels have all that is asked for, as `key` or `key=value`. */
export function matchesLabels(labels: Record<string, string>, wanted: string[]): boolean {
  return wanted.every((one) => {
    const equals = one.indexOf('=');
    const key = equals === -1 ? one : one.slice(0, equals);
    return Object.hasOwn(labels, key) && (equals === -1 || labels[key] === one.slice(equals + 1));
  });
}

/** Reads a point in time: RFC 3339, Unix time, or how long ago (`10m`). Nanoseconds of Unix time. */
export function readMoment(text: string, now = Date.now()): bigint {
  const ago = /[a-z]$/.test(text) ? parseDuration(text) : null;
  if (ago !== null) return BigInt(now) * 1_000_000n - BigInt(ago);
  const [, seconds, fraction = ''] = /^(-?\d{1,12})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (seconds !== undefined) return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  const moment = parseTimestamp(text);
  if (moment === null)
    throw new EngineError('badParameter', `failed to parse ${JSON.stringify(text)} as a time`);
  return moment;
}

/** A pattern of Go's path.Match (`*`, `?`, `[a-z]`, `\` before what is meant literally) as a regular expression. */
export function globToRegExp(pattern: string): RegExp {
  const tokens = /\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|(\*)|(\?)|([^[\\])/gsu;
  let source = '';
  let at = 0;
  for (const match of pattern.matchAll(tokens)) {
    if (match.index !== at) break;
    at += match[0].length;
    const [, escaped, negation, members, star, question, plain] = match;
    if (star !== undefined) source += '[^/]*';
    else if (question !== undefined) source += '[^/]';
    else if (members !== undefined) source += `[${negation}${members.replace(/[[&~|^]/g, '\\$&')}]`;
    else source += RegExp.escape(escaped ?? plain ?? '');
  }
  try {
    if (at === pattern.length) return new RegExp(`^${source}$`, 's');
  } catch {
    // A range that runs backwards, such as [z-a].
  }
  throw new EngineError('badParameter', 'syntax error in pattern');
}
