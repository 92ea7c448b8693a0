import { type Flag, type FlagSet, flagName } from '../commands/flag.ts';

/** A flag and the name by which it is written. */
export interface NamedFlag {
  readonly name: string;
  readonly flag: Flag<unknown>;
}

/** A command line so far: what its last word, which is still being typed, may be. */
export interface Scanned {
  /** The flag whose value the last word is. */
  readonly awaiting: NamedFlag | undefined;
  readonly args: string[];
  /** The words after the first argument, where flags end there, that argument too. */
  readonly rest: string[];
  /** Flags that were given, with the text of their values. */
  readonly given: ReadonlyMap<string, string[]>;
  /** Whether no more flags may come. */
  readonly flagsEnded: boolean;
}

/** All flags of a set by their names and letters. */
export function namedFlags(flags: FlagSet): NamedFlag[] {
  return Object.entries(flags).map(([key, flag]) => ({ name: flagName(key, flag), flag }));
}

/** Reads the words before the last one as far as they make sense; nothing in them is an error here. */
export function scanWords(
  flags: FlagSet,
  words: readonly string[],
  { stopAtFirstArgument = false }: { stopAtFirstArgument?: boolean } = {},
): Scanned {
  const all = namedFlags(flags);
  const byLetter = (letter: string) => all.find(({ flag }) => flag.short === letter);
  const args: string[] = [];
  const given = new Map<string, string[]>();
  let awaiting: NamedFlag | undefined;
  let flagsEnded = false;
  const give = ({ name }: NamedFlag, value: string) => given.set(name, [...(given.get(name) ?? []), value]);

  for (const [index, word] of words.entries()) {
    if (awaiting) {
      give(awaiting, word);
      awaiting = undefined;
    } else if (flagsEnded || word === '-' || !word.startsWith('-')) {
      if (stopAtFirstArgument) {
        return { awaiting, args: words.slice(index), rest: words.slice(index), given, flagsEnded: true };
      }
      args.push(word);
    } else if (word === '--') {
      flagsEnded = true;
    } else {
      awaiting = word.startsWith('--') ? long(word.slice(2)) : letters(word.slice(1));
    }
  }
  return { awaiting, args, rest: [], given, flagsEnded };

  function long(text: string): NamedFlag | undefined {
    const [, name, value] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    const found = all.find((one) => one.name === name);
    if (!found) return undefined;
    if (value === undefined && found.flag.type !== 'bool') return found;
    give(found, value ?? 'true');
    return undefined;
  }

  function letters(group: string): NamedFlag | undefined {
    for (let at = 0; at < group.length; at++) {
      const found = byLetter(group[at] ?? '');
      if (!found) return undefined;
      if (found.flag.type === 'bool') give(found, 'true');
      else if (at === group.length - 1) return found;
      else {
        give(found, group.slice(at + 1));
        return undefined;
      }
    }
    return undefined;
  }
}
