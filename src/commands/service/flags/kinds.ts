import { FlagValueError, flag } from '../../flag.ts';
import { splitWords } from '../spec/words.ts';

/** Turns the errors of a parser into those of a flag's value. */
export function reading<T>(read: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw new FlagValueError(error instanceof Error ? error.message : String(error));
    }
  };
}

interface ValueSpec {
  summary: string;
  value?: string;
  group?: string;
  since?: string;
}

/** A whole number that is not negative; undefined when it is not given. */
export const unsigned = (spec: ValueSpec) =>
  flag.custom<number | undefined>({
    ...spec,
    type: 'uint',
    default: undefined,
    parse: (text) => {
      if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
      const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
      throw new FlagValueError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`);
    },
  });

/** A number that may have a fraction; undefined when it is not given. */
export const ratio = (spec: ValueSpec) =>
  flag.custom<number | undefined>({
    ...spec,
    type: 'float',
    default: undefined,
    parse: (text) => {
      if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
      throw new FlagValueError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
    },
  });

/** A command line in one text, split into words as a shell does; undefined when it is not given. */
export const commandLine = (spec: ValueSpec) =>
  flag.custom<string[] | undefined>({
    ...spec,
    type: 'command',
    default: undefined,
    parse: reading(splitWords),
  });
