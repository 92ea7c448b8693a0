import type { Filters } from '@davit/api';
import { type Flag, type FlagSpec, FlagValueError, flag } from './flag.ts';

/** Takes one `name=value` into filters, as docker's client reads it. Throws FlagValueError. */
export function addFilter(filters: Filters, text: string): Filters {
  if (text === '') return filters;
  const at = text.indexOf('=');
  if (at < 0) throw new FlagValueError('bad format of filter (expected name=value)');
  const name = text.slice(0, at).trim().toLowerCase();
  const value = text.slice(at + 1).trim();
  const known = filters[name] ?? [];
  return known.includes(value) ? filters : { ...filters, [name]: [...known, value] };
}

/** `--filter name=value`, any number of times. */
export function filterFlag(spec: Partial<FlagSpec> = {}): Flag<Filters> {
  return flag.custom<Filters>({
    short: 'f',
    summary: 'Show only what fits a condition, such as name=web (any number of times)',
    ...spec,
    type: 'filter',
    default: {},
    parse: (text, previous) => addFilter(previous, text),
  });
}
