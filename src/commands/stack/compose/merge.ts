import { CommandError } from '../../../exit.ts';
import { isMapping, type Mapping, type Value } from './shape.ts';

/** Lists of which an item takes the place of another with the same key; they are ordered by it. */
const keyed: Record<string, (item: Mapping) => Value | undefined> = {
  ports: ({ published }) => published ?? 0,
  secrets: ({ source }) => source,
  configs: ({ source }) => source,
  volumes: ({ target }) => target,
};

/** Lists that replace each other. */
const replaced = new Set(['command', 'entrypoint', 'test']);

/** Mappings whose members replace each other. */
const shallow = new Set(['networks', 'ulimits', 'labels', 'environment', 'sysctls', 'extra_hosts']);

const isEmpty = (value: Value) =>
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0);

function mergeKeyed(name: string, before: Value[], after: Value[]): Value[] {
  const key = keyed[name] ?? (() => undefined);
  const all = new Map([...before, ...after].map((item) => [key(item as Mapping) ?? '', item]));
  return [...all].sort(([one], [other]) => ((one ?? '') < (other ?? '') ? -1 : 1)).map(([, item]) => item);
}

function mergeLogging(before: Mapping, after: Mapping): Mapping {
  const isOther = after.driver !== undefined && before.driver !== undefined && before.driver !== after.driver;
  if (isOther) return after;
  return mergeMappings(before, after);
}

function mergeValues(name: string, before: Value | undefined, after: Value): Value {
  if (before === undefined || before === null) return after;
  if (Array.isArray(before) && Array.isArray(after)) {
    if (name in keyed) return mergeKeyed(name, before, after);
    if (replaced.has(name)) return after.length > 0 ? after : before;
    return [...before, ...after];
  }
  if (isMapping(before) && isMapping(after)) {
    if (name === 'logging') return mergeLogging(before, after);
    return shallow.has(name) ? { ...before, ...after } : mergeMappings(before, after);
  }
  return isEmpty(after) ? before : after;
}

function mergeMappings(before: Mapping, after: Mapping): Mapping {
  const result = { ...before };
  for (const [name, value] of Object.entries(after)) result[name] = mergeValues(name, before[name], value);
  return result;
}

/** Puts a file over another, both in canonical form: what services say is merged, all else is replaced by name. */
export function mergeFiles(before: Mapping, after: Mapping): Mapping {
  if (before.version !== after.version) {
    throw new CommandError(
      `version mismatched between two composefiles : ${before.version} and ${after.version}`,
    );
  }
  const result = { ...before };
  for (const name of ['networks', 'volumes', 'secrets', 'configs']) {
    const both = { ...(before[name] as Mapping | undefined), ...(after[name] as Mapping | undefined) };
    if (Object.keys(both).length > 0) result[name] = both;
  }
  const services: Mapping = { ...(before.services as Mapping | undefined) };
  for (const [name, service] of Object.entries((after.services ?? {}) as Mapping)) {
    const known = services[name];
    services[name] = isMapping(known) && isMapping(service) ? mergeMappings(known, service) : service;
  }
  return { ...result, services };
}
