import type { Filters } from '@davit/api';
import type { CacheRule } from '../config.ts';
import { EngineError } from '../errors.ts';
import { readMoment } from '../images/filters.ts';
import { type CacheEntry, isShared } from './entries.ts';

/** The disk that a cache is on, in bytes. */
export interface Disk {
  total: number;
  free: number;
}

type Test = (entry: CacheEntry) => boolean;

const switches: Record<string, Test> = {
  inuse: ({ inUse }) => inUse,
  shared: isShared,
  private: (entry) => !isShared(entry),
};

const texts: Record<string, (entry: CacheEntry, value: string) => boolean> = {
  id: ({ key }, value) => key.startsWith(value),
  type: ({ kind }, value) => kind === value,
  description: ({ description }, value) => description === value,
};

/** When at the latest a record was used that `until`, or its older name, selects; in milliseconds. */
function readUntil(filters: Filters): Test[] {
  const { until = [], 'unused-for': unusedFor = [] } = filters;
  if (until.length > 0 && unusedFor.length > 0)
    throw new EngineError('badParameter', `conflicting filters: "until" and "unused-for"`);
  const all = [...until, ...unusedFor];
  if (all.length > 1) throw new EngineError('badParameter', `filters expect only one value: "until"`);
  return all.map((text) => {
    const limit = Number(readMoment(text) / 1_000_000n);
    return ({ lastUsed }) => Date.parse(lastUsed) <= limit;
  });
}

/** Makes the test that filters select records with. Throws `badParameter` for filters that make no sense. */
export function cacheFilter(filters: Filters): Test {
  const tests = readUntil(filters);
  for (const [name, values] of Object.entries(filters)) {
    if (name === 'until' || name === 'unused-for') continue;
    if (values.length > 1)
      throw new EngineError('badParameter', `filters expect only one value: ${JSON.stringify(name)}`);
    const [value = ''] = values;
    const test = switches[name];
    const matches = texts[name];
    if (test) tests.push(value === 'false' || value === '0' ? (entry) => !test(entry) : test);
    else if (matches) tests.push((entry) => matches(entry, value));
    // No record has labels: one that is asked for selects nothing, one that must not be there everything.
    else if (name === 'label') tests.push(() => false);
    else if (name !== 'label!') throw new EngineError('badParameter', `invalid filter '${name}'`);
  }
  return (entry) => tests.every((test) => test(entry));
}

/** Bytes that may stay; null when all that was selected is to go. */
function bytesToKeep(rule: CacheRule, total: number, disk: Disk): number | null {
  const { reservedSpace, maxUsedSpace, minFreeSpace } = rule;
  if (reservedSpace === 0 && maxUsedSpace === 0 && minFreeSpace === 0) return null;
  const lacking = minFreeSpace - disk.free;
  const limits = [...(maxUsedSpace > 0 ? [maxUsedSpace] : []), ...(lacking > 0 ? [total - lacking] : [])];
  // Nothing asks for room when there is no upper bound and enough is free, unless the lower bound stands alone.
  if (limits.length === 0 && minFreeSpace > 0) return Number.POSITIVE_INFINITY;
  return Math.max(Math.min(...(limits.length > 0 ? limits : [0])), reservedSpace);
}

/**
 * The records that a rule removes: of those that nobody uses and its filters select, the ones that were not used
 * for the longest time, until what is left fits its bounds. Throws `badParameter` for filters that make no sense.
 */
export function entriesToPrune(entries: readonly CacheEntry[], rule: CacheRule, disk: Disk): CacheEntry[] {
  const selects = cacheFilter(rule.filters);
  const left = new Map<string, number>();
  let total = 0;
  for (const { diffId, size, inImage } of entries) {
    const known = diffId === null ? 0 : (left.get(diffId) ?? 0);
    if (diffId !== null) left.set(diffId, known + 1);
    if (known === 0 && !inImage) total += size;
  }
  const keep = bytesToKeep(rule, total, disk);
  const isOptional = ({ kind, inImage }: CacheEntry) => rule.all || (kind !== 'internal' && !inImage);
  const candidates = entries.filter((entry) => !entry.inUse && isOptional(entry) && selects(entry));
  // What was made last stands on what was made before.
  const inOrder = candidates.sort((a, b) => compare(a.lastUsed, b.lastUsed) || compare(b.created, a.created));
  const chosen: CacheEntry[] = [];
  for (const entry of inOrder) {
    if (keep !== null && total <= keep) break;
    chosen.push(entry);
    const others = entry.diffId === null ? 0 : (left.get(entry.diffId) ?? 1) - 1;
    if (entry.diffId !== null) left.set(entry.diffId, others);
    if (others === 0 && !entry.inImage) total -= entry.size;
  }
  return chosen;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const megabyte = 1024 ** 2;
const gigabyte = 1024 ** 3;

/** The rules of an engine that was told none, as docker's builder has them. */
export function usualRules(
  given: Pick<CacheRule, 'reservedSpace' | 'maxUsedSpace' | 'minFreeSpace'>,
  disk: Disk,
): CacheRule[] {
  const isGiven = given.reservedSpace + given.maxUsedSpace + given.minFreeSpace > 0;
  const { reservedSpace, maxUsedSpace, minFreeSpace } = isGiven
    ? given
    : {
        reservedSpace: Math.min(Math.trunc(disk.total * 0.1), 10 * gigabyte),
        maxUsedSpace: Math.min(Math.trunc(disk.total * 0.6), 100 * gigabyte),
        minFreeSpace: Math.min(Math.trunc(disk.total * 0.2), 20 * gigabyte),
      };
  const bounds = { reservedSpace, maxUsedSpace, minFreeSpace };
  const easy = { all: false, reservedSpace: 0, maxUsedSpace: 512 * megabyte, minFreeSpace: 0 };
  return [
    // What is easily had again goes first.
    ...['source.local', 'exec.cachemount'].map((type) => ({
      ...easy,
      filters: { type: [type], until: ['48h'] },
    })),
    { all: false, filters: { until: ['1440h'] }, reservedSpace, maxUsedSpace: 0, minFreeSpace: 0 },
    { all: false, filters: {}, ...bounds },
    { all: true, filters: {}, ...bounds },
  ];
}
