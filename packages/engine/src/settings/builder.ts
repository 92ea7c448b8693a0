import type { Filters } from '@davit/api';
import type { BuilderConfig, CacheRule } from '../config.ts';
import { EngineError } from '../errors.ts';

/** What an engine does that is told nothing. */
export const usualBuilder: BuilderConfig = {
  collects: true,
  rules: null,
  ...{ reservedSpace: 0, maxUsedSpace: 0, minFreeSpace: 0 },
  history: { maxEntries: 100, maxAge: 0 },
};

function refuse(what: string): never {
  throw new EngineError('badParameter', `invalid builder settings: ${what}`);
}

/** The entries of an object, by their names in lower case, as Go reads JSON; others than `known` are refused. */
function fieldsOf(value: unknown, where: string, known: readonly string[]): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(`${where} must be an object`);
  const fields = new Map(Object.entries(value).map(([key, one]) => [key.toLowerCase(), one]));
  const unknown = Object.keys(value).find((key) => !known.includes(key.toLowerCase()));
  return unknown === undefined ? fields : refuse(`${where} has no ${JSON.stringify(unknown)}`);
}

const units = ['', 'k', 'm', 'g', 't', 'p'];

/** A number of bytes, with units that are powers of 1024; 0 for one that is not given. */
function bytesOf(value: unknown, name: string): number {
  if (value === undefined || value === '') return 0;
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  const [, digits, unit = ''] =
    /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/.exec(typeof value === 'string' ? value.toLowerCase() : '') ?? [];
  if (digits === undefined) return refuse(`${name} is no size: ${JSON.stringify(value)}`);
  return Math.trunc(Number(digits) * 1024 ** units.indexOf(unit));
}

function switchOf(value: unknown, name: string, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  return typeof value === 'boolean' ? value : refuse(`${name} must be true or false`);
}

/** A list of `name=value`. */
function filtersOf(value: unknown): Filters {
  if (value === undefined) return {};
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string' && one.includes('=')))
    return refuse('filter must be a list of name=value');
  const filters: Filters = {};
  for (const text of value as string[]) {
    const at = text.indexOf('=');
    const name = text.slice(0, at);
    filters[name] = [...(filters[name] ?? []), text.slice(at + 1)];
  }
  return filters;
}

const boundNames = ['reservedspace', 'maxusedspace', 'minfreespace', 'keepstorage'];

function ruleOf(value: unknown): CacheRule {
  const fields = fieldsOf(value, 'a policy', ['all', 'filter', ...boundNames]);
  return {
    all: switchOf(fields.get('all'), 'all', false),
    filters: filtersOf(fields.get('filter')),
    reservedSpace: bytesOf(fields.get('reservedspace') ?? fields.get('keepstorage'), 'reservedSpace'),
    maxUsedSpace: bytesOf(fields.get('maxusedspace'), 'maxUsedSpace'),
    minFreeSpace: bytesOf(fields.get('minfreespace'), 'minFreeSpace'),
  };
}

/** How long builds are remembered: docker counts the age in nanoseconds. */
function historyOf(value: unknown): BuilderConfig['history'] {
  if (value === undefined) return usualBuilder.history;
  const fields = fieldsOf(value, 'history', ['maxage', 'maxentries']);
  const number = (name: string) => {
    const given = fields.get(name.toLowerCase()) ?? 0;
    return Number.isSafeInteger(given) && Number(given) >= 0
      ? Number(given)
      : refuse(`${name} must be a whole number`);
  };
  return {
    maxEntries: number('maxEntries') || usualBuilder.history.maxEntries,
    maxAge: Math.trunc(number('maxAge') / 1_000_000),
  };
}

/** Reads `builder` of daemon.json, with docker's keys. Throws `badParameter`. */
export function readBuilder(value: unknown): BuilderConfig {
  const builder = fieldsOf(value, 'builder', ['gc', 'history']);
  const history = historyOf(builder.get('history'));
  if (!builder.has('gc')) return { ...usualBuilder, history };
  const gc = fieldsOf(builder.get('gc'), 'gc', [
    ...['enabled', 'policy', 'defaultkeepstorage'],
    ...['defaultreservedspace', 'defaultmaxusedspace', 'defaultminfreespace'],
  ]);
  const policy = gc.get('policy');
  if (policy !== undefined && !Array.isArray(policy)) return refuse('policy must be a list');
  return {
    collects: switchOf(gc.get('enabled'), 'enabled', true),
    rules: policy === undefined ? null : policy.map(ruleOf),
    reservedSpace: bytesOf(
      gc.get('defaultreservedspace') ?? gc.get('defaultkeepstorage'),
      'defaultReservedSpace',
    ),
    maxUsedSpace: bytesOf(gc.get('defaultmaxusedspace'), 'defaultMaxUsedSpace'),
    minFreeSpace: bytesOf(gc.get('defaultminfreespace'), 'defaultMinFreeSpace'),
    history,
  };
}
