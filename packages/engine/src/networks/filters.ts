import type { Filters } from '@davit/api';
import { isEarlier } from '../clock.ts';
import { EngineError } from '../errors.ts';
import type { NetworkRecord } from '../state/networks.ts';
import { isPredefined } from './view.ts';

type Test = (network: NetworkRecord) => boolean;

const bad = (message: string) => new EngineError('badParameter', message);

function label(value: string): Test {
  const equals = value.indexOf('=');
  const key = equals < 0 ? value : value.slice(0, equals);
  return ({ wishes: { labels } }) =>
    Object.hasOwn(labels, key) && (equals < 0 || labels[key] === value.slice(equals + 1));
}

function bool(name: string, value: string): boolean {
  if (/^(1|true)$/i.test(value)) return true;
  if (/^(0|false)$/i.test(value)) return false;
  throw bad(`invalid filter '${name}=[${value}]'`);
}

/** A filter by name finds parts of names, as text or as a pattern. */
function pattern(value: string): (text: string) => boolean {
  try {
    const expression = new RegExp(value);
    return (text) => text.includes(value) || expression.test(text);
  } catch {
    return (text) => text.includes(value);
  }
}

/** All of these must match, of all others any. */
const conjunctive = ['label'];

function combine(filters: Filters, makers: Record<string, (value: string) => Test>): Test {
  const tests = Object.entries(filters).map(([name, values]): Test => {
    const maker = makers[name];
    if (!maker) throw bad(`invalid filter '${name}'`);
    const each = values.map(maker);
    if (each.length === 0) return () => true;
    return (network) =>
      conjunctive.includes(name) ? each.every((test) => test(network)) : each.some((test) => test(network));
  });
  return (network) => tests.every((test) => test(network));
}

/** Which networks a list shows. Throws for filters that make no sense. */
export function createNetworkFilter(filters: Filters, isUsed: Test): Test {
  return combine(filters, {
    driver: (value) => (network) => network.driver === value,
    id: (value) => (network) => network.id.startsWith(value) || pattern(value)(network.id),
    name: (value) => (network) => pattern(value)(network.name),
    label,
    scope: (value) => () => value === 'local',
    type: (value) => {
      if (value !== 'custom' && value !== 'builtin') throw bad(`invalid filter: 'type'='${value}'`);
      return (network) => isPredefined(network) === (value === 'builtin');
    },
    dangling: (value) => {
      const wanted = bool('dangling', value);
      return (network) => !isPredefined(network) && isUsed(network) !== wanted;
    },
  });
}

/** Which networks are pruned that nobody uses. Throws for filters that make no sense. */
export function createPruneFilter(filters: Filters): Test {
  return combine(filters, {
    label,
    'label!': (value) => (network) => !label(value)(network),
    until: (value) => {
      const until = momentOf(value);
      return ({ created }) => isEarlier(created, until);
    },
  });
}

/** Reads a time: seconds, a date, or how long ago it was, as in `1h30m`. */
function momentOf(value: string): string {
  const ago = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(value);
  if (ago && value !== '') {
    const [hours = 0, minutes = 0, seconds = 0] = ago.slice(1).map((part) => Number(part ?? 0));
    return new Date(Date.now() - ((hours * 60 + minutes) * 60 + seconds) * 1000).toISOString();
  }
  const time = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
  if (Number.isNaN(time)) throw bad(`invalid filter 'until=[${value}]'`);
  return new Date(time).toISOString();
}
