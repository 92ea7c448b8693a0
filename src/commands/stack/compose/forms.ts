import { resolve } from 'node:path';
import { goDuration } from '../../../format/units.ts';
import { parsePorts } from '../../container/options/ports.ts';
import { splitWords } from '../../service/spec/words.ts';
import { parseBytes, parseDuration, splitPair } from '../../values.ts';
import {
  as,
  either,
  isMapping,
  list,
  type Mapping,
  map,
  type Place,
  refuse,
  type Shape,
  text,
  type Value,
} from './shape.ts';

/* Values of compose files that may be written in several ways, and the one way that all of them come to. */

/** Does something with a value; when that fails, the value is not of its format. */
function orRefuse<T>(place: Place, why: string, work: () => T): T {
  try {
    return work();
  } catch {
    return refuse(place, why);
  }
}

const scalar: Shape = {
  kind: 'string, number or null',
  fits: (value) => value === null || typeof value === 'string' || typeof value === 'number',
  below: () => undefined,
  read(value, place) {
    if (!this.fits(value)) return refuse(place, 'must be a string, number or null');
    return typeof value === 'number' ? String(value) : value;
  },
};

/** Pairs, as a mapping or as a list of `NAME=VALUE`; a name alone is null, or empty. */
export const pairs = ({ keepNull = false } = {}): Shape =>
  as(either(map(scalar), list(text, { unique: true })), (value) => {
    const entries: [string, Value][] = Array.isArray(value)
      ? value.map((one) => {
          const [name, rest] = splitPair(String(one));
          return [name, String(one).includes('=') ? rest : null];
        })
      : Object.entries(value as Mapping);
    const all = new Map(entries.map(([name, one]) => [name, keepNull ? one : (one ?? '')]));
    return Object.fromEntries([...all].sort(([one], [other]) => (one < other ? -1 : 1)));
  });

/** Options of drivers: a mapping alone. */
export const options = map(as(scalar, (value) => value ?? ''));

/** `HOST:IP`, as a mapping or as a list. */
export const hosts = as(either(map(scalar), list(text, { unique: true })), (value) =>
  isMapping(value) ? Object.entries(value).map(([host, ip]) => `${host}:${ip ?? ''}`) : value,
);

export const texts = list(text, { unique: true });

/** One text or several. */
export const oneOrMore = as(either(text, list(text, { unique: true })), (value) =>
  typeof value === 'string' ? [value] : value,
);

/** A command, in one text or by its words. */
export const command = as(either(text, list(text)), (value, place) =>
  typeof value === 'string' ? orRefuse(place, 'is no command', () => splitWords(value)) : value,
);

/** A time such as `1m30s`, as Go writes it. */
export const duration = as(text, (value, place) =>
  orRefuse(place, "Does not match format 'duration'", () => goDuration(parseDuration(String(value)))),
);

/** A size such as `50M`, as a number of bytes in a text. */
export const bytes = as(text, (value, place) =>
  orRefuse(place, `invalid size: '${value}'`, () => String(parseBytes(String(value)))),
);

/** A published port in short notation; a range is several. */
export function expandPort(value: string, place: Place): Mapping[] {
  return orRefuse(place, "Does not match format 'ports'", () =>
    Object.entries(parsePorts([value], []).bindings).flatMap(([port, bindings]) =>
      bindings.flatMap(({ HostIp, HostPort = '' }) => {
        if (HostIp) place.warn(`ignoring IP-address (${value}) service will listen on '0.0.0.0'`);
        const [target = '', protocol = 'tcp'] = port.split('/');
        const [first = '', last = first] = HostPort.split('-');
        const count = first === '' ? 1 : Number(last) - Number(first) + 1;
        return Array.from({ length: count }, (_, index) => ({
          mode: 'ingress',
          target: Number(target),
          ...(first === '' ? {} : { published: Number(first) + index }),
          protocol,
        }));
      }),
    ),
  );
}

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];

/** The parts of `[SOURCE:]TARGET[:OPTIONS]`; one letter before a colon is a drive of Windows. */
function splitVolume(spec: string): string[] {
  const parts = [''];
  for (const letter of spec) {
    const part = parts.at(-1) ?? '';
    if (letter === ':' && !/^[a-zA-Z]$/.test(part)) parts.push('');
    else parts[parts.length - 1] = part + letter;
  }
  return parts;
}

/** A mount in short notation. */
export function expandVolume(spec: string, place: Place): Mapping {
  const parts = splitVolume(spec);
  if (spec === '' || parts.includes('')) {
    return refuse(place, `invalid spec: ${spec}: empty section between colons`);
  }
  if (parts.length > 3) return refuse(place, `invalid spec: ${spec}: too many colons`);
  if (parts.length === 1) return { type: 'volume', target: spec };
  const [source = '', target = '', given = ''] = parts;
  const settings = given.split(',');
  const propagation = settings.find((one) => propagations.includes(one));
  const isPath = /^([./~]|[a-zA-Z]:|\\\\)/.test(source);
  return {
    type: isPath ? 'bind' : 'volume',
    source,
    target,
    ...(settings.includes('ro') ? { read_only: true } : {}),
    ...(propagation ? { bind: { propagation } } : {}),
    ...(settings.includes('nocopy') ? { volume: { nocopy: true } } : {}),
  };
}

/** A path of this machine, from the folder of the compose file; `~` is the user's home. */
export function absolutePath(path: string, { directory, environment }: Place): string {
  if (path === '~' || path.startsWith('~/')) return `${environment.HOME ?? ''}${path.slice(1)}`;
  return /^([a-zA-Z]:[\\/]|\\\\)/.test(path) ? path : resolve(directory, path);
}
