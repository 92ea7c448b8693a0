import type { Filters } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { VolumeRecord } from '../state/volumes.ts';

/** The label of volumes that got their name from the engine. */
export const anonymousLabel = 'com.docker.volume.anonymous';

const invalid = (filter: string) => new EngineError('badParameter', `invalid filter '${filter}'`);

function check(filters: Filters, known: string[]): void {
  const unknown = Object.keys(filters).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(unknown);
}

/** What a filter says that is on or off; null when it is not given. */
function readSwitch(filters: Filters, name: string): boolean | null {
  const values = filters[name] ?? [];
  if (values.length === 0) return null;
  if (values.every((value) => ['1', 'true'].includes(value))) return true;
  if (values.every((value) => ['0', 'false'].includes(value))) return false;
  throw invalid(`${name}=[${values.join(' ')}]`);
}

function hasLabel({ labels }: VolumeRecord, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  const key = equals < 0 ? wanted : wanted.slice(0, equals);
  if (!labels || !Object.hasOwn(labels, key)) return false;
  return equals < 0 || labels[key] === wanted.slice(equals + 1);
}

/** Makes the test that `GET /volumes` selects with. Throws for filters that make no sense. */
export function listFilter(
  filters: Filters,
  isUsed: (volume: VolumeRecord) => boolean,
): (volume: VolumeRecord) => boolean {
  check(filters, ['dangling', 'driver', 'label', 'name']);
  const dangling = readSwitch(filters, 'dangling');
  const { name = [], driver = [], label = [] } = filters;
  return (volume) =>
    (name.length === 0 || name.some((part) => matches(part, volume.name))) &&
    (driver.length === 0 || driver.includes(volume.driver)) &&
    label.every((one) => hasLabel(volume, one)) &&
    (dangling === null || dangling !== isUsed(volume));
}

/** A name is looked for by any part of it, or by a regular expression. */
function matches(pattern: string, name: string): boolean {
  if (name.includes(pattern)) return true;
  try {
    return new RegExp(pattern).test(name);
  } catch {
    return false;
  }
}

/** Makes the test for what `POST /volumes/prune` may take: unnamed volumes alone, unless `all` says otherwise. */
export function pruneFilter(filters: Filters): (volume: VolumeRecord) => boolean {
  check(filters, ['all', 'label', 'label!']);
  const all = readSwitch(filters, 'all') ?? false;
  const { label = [], 'label!': without = [] } = filters;
  return (volume) =>
    (all || hasLabel(volume, anonymousLabel)) &&
    label.every((one) => hasLabel(volume, one)) &&
    (without.length === 0 || !without.every((one) => hasLabel(volume, one)));
}
