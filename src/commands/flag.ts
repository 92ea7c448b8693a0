import { type Duration, parseBytes, parseDuration, splitPair } from './values.ts';

/** A value that a flag cannot take; the message says why, in the words of docker's parsers. */
export class FlagValueError extends Error {
  override name = 'FlagValueError';
}

/** What every kind of flag is told; its name is that of its key in the set, in kebab case, unless given. */
export interface FlagSpec {
  name?: string;
  /** One letter. */
  short?: string;
  summary: string;
  /** Placeholder of the value in help, `string` or `list` and such when left out. */
  value?: string;
  /** Values that completion offers. */
  choices?: readonly string[];
  /** Heading below which help lists the flag. */
  group?: string;
  /** Works, but help does not show it. */
  hidden?: boolean;
  /** Works, but is announced as deprecated, with this advice. */
  deprecated?: string;
  /** Version of the API that brought it; with older engines the flag is refused by name. */
  since?: string;
  /** The one system whose engines know it; with others the flag is refused by name. */
  system?: 'windows';
}

/** One flag: how its text becomes a value of the options object. */
export interface Flag<T> extends FlagSpec {
  /** Kind of value as docker names it in help; `bool` flags take no separate value. */
  readonly type: string;
  readonly initial: T;
  /** The new value, from the text and the value so far. Throws FlagValueError. */
  parse(text: string, previous: T): T;
}

export type FlagSet = Record<string, Flag<unknown>>;

/** The options object that a set of flags parses to. */
export type OptionsOf<F extends FlagSet> = { [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

type WithDefault<T> = FlagSpec & { default: T };

/** A value flag without a default is undefined when it was not given. */
interface ValueFlag<T> {
  (spec: WithDefault<T>): Flag<T>;
  (spec: FlagSpec & { default?: undefined }): Flag<T | undefined>;
}

function valueFlag<T>(type: string, read: (text: string) => T): ValueFlag<T> {
  const make = (spec: FlagSpec & { default?: T }): Flag<T | undefined> => {
    const { default: initial, ...rest } = spec;
    return { ...rest, type, initial, parse: read };
  };
  return make as ValueFlag<T>;
}

const truths = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const falsehoods = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

function readBoolean(text: string): boolean {
  if (truths.includes(text)) return true;
  if (falsehoods.includes(text)) return false;
  throw new FlagValueError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function readInteger(text: string): number {
  if (!/^[+-]?(\d+|0x[0-9a-f]+)$/i.test(text)) {
    throw new FlagValueError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const value = Number(text.replace(/^\+/, ''));
  if (!Number.isSafeInteger(value)) {
    throw new FlagValueError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  }
  return value;
}

function reading<T>(read: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw new FlagValueError(error instanceof Error ? error.message : String(error));
    }
  };
}

/** The kinds of flags. */
export const flag = {
  /** On or off; off unless it is given or has another default. */
  boolean: (spec: FlagSpec & { default?: boolean }): Flag<boolean> => {
    const { default: initial = false, ...rest } = spec;
    return { ...rest, type: 'bool', initial, parse: readBoolean };
  },
  /** On, off, or undefined when it is not given at all. */
  tristate: (spec: FlagSpec): Flag<boolean | undefined> => ({
    ...spec,
    type: 'bool',
    initial: undefined,
    parse: readBoolean,
  }),
  string: valueFlag('string', (text) => text),
  integer: valueFlag('int', readInteger),
  /** A number of bytes such as `64m`. */
  bytes: valueFlag('bytes', reading(parseBytes)),
  /** A time such as `1m30s`, in nanoseconds. */
  duration: valueFlag<Duration>('duration', reading(parseDuration)),
  /** May be given many times. */
  list: (spec: FlagSpec): Flag<string[]> => ({
    ...spec,
    type: 'list',
    initial: [],
    parse: (text, previous) => [...previous, text],
  }),
  /** `KEY=VALUE`, many times; a key alone has an empty value. */
  map: (spec: FlagSpec): Flag<Record<string, string>> => ({
    ...spec,
    type: 'map',
    initial: {},
    parse: (text, previous) => ({ ...previous, ...Object.fromEntries([splitPair(text)]) }),
  }),
  /** Any other kind of value; `type` is the word for it in help. */
  custom: <T>(
    spec: FlagSpec & { type: string; default: T; parse: (text: string, previous: T) => T },
  ): Flag<T> => {
    const { default: initial, parse, ...rest } = spec;
    return { ...rest, initial, parse };
  },
};

/** The long name of a flag: its own, or that of its key in the set. */
export function flagName(key: string, spec: FlagSpec): string {
  return spec.name ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
