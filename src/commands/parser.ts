import { Command, Option } from 'commander';
import { UsageError } from '../exit.ts';
import { type Flag, type FlagSet, FlagValueError, flag, flagName, type OptionsOf } from './flag.ts';

/** A command line, read. */
export interface Parsed<F extends FlagSet> {
  options: OptionsOf<F>;
  args: string[];
  /** Whether help is asked for instead. */
  help: boolean;
  /** The flags that were given, by their long names. */
  given: Map<string, Flag<unknown>>;
}

export interface ParseOptions {
  stopAtFirstArgument?: boolean;
  /** Called with what is to be said about flags that are going out of use. */
  notice?: (text: string) => void;
}

const helpFlag = flag.boolean({ short: 'h', summary: 'Show this help' });

/** Reads a command's arguments by its flags, with the habits of Go's pflag. Throws UsageError. */
export function parseArguments<F extends FlagSet>(
  flags: F,
  args: string[],
  options: ParseOptions = {},
): Parsed<F> {
  // Most command lines have no flag at their beginning: there is nothing to read then.
  const first = options.stopAtFirstArgument ? args.slice(0, 1) : args;
  if (!first.some((word) => word.startsWith('-'))) {
    return { options: initialValues(flags), args: [...args], help: false, given: new Map() };
  }
  const command = new PflagCommand(flags, options);
  command.parse(args, { from: 'user' });
  const { help, ...values } = command.opts();
  return { options: values as OptionsOf<F>, args: command.args, help: Boolean(help), given: command.given };
}

function initialValues<F extends FlagSet>(flags: F): OptionsOf<F> {
  const values = Object.entries(flags).map(([key, { initial }]) => [key, initial]);
  return Object.fromEntries(values) as OptionsOf<F>;
}

interface KnownFlag {
  key: string;
  name: string;
  flag: Flag<unknown>;
}

/**
 * A commander command that reads options as pflag does: `-dit`, `-eA=1`, `-e=A`, `--rm=false`, an end at `--` or
 * at the first argument. What commander would read otherwise, such as `--no-rm`, it does not know.
 */
class PflagCommand extends Command {
  readonly given = new Map<string, Flag<unknown>>();
  readonly #options: ParseOptions;
  readonly #byName = new Map<string, KnownFlag>();
  readonly #byLetter = new Map<string, KnownFlag>();

  constructor(flags: FlagSet, options: ParseOptions) {
    super();
    this.#options = options;
    this.helpOption(false).helpCommand(false).argument('[arguments...]');
    for (const [key, one] of Object.entries(flags)) this.#add(key, one);
    this.#add('help', helpFlag);
  }

  #add(key: string, one: Flag<unknown>): void {
    const name = flagName(key, one);
    const known = { key, name, flag: one };
    const letter = one.short && !this.#byLetter.has(one.short) ? one.short : undefined;
    const option = new Option(`${letter ? `-${letter}, ` : ''}--${name}`).default(one.initial);
    option.attributeName = () => key;
    this.addOption(option);
    this.#byName.set(name, known);
    if (letter) this.#byLetter.set(letter, known);
  }

  override parseOptions(args: string[]): { operands: string[]; unknown: string[] } {
    const operands: string[] = [];
    const rest = [...args];
    for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
      if (arg === '--') return { operands: [...operands, ...rest], unknown: [] };
      if (arg.startsWith('--')) this.#long(arg, rest);
      else if (arg.startsWith('-') && arg !== '-') this.#letters(arg.slice(1), rest);
      else if (this.#options.stopAtFirstArgument) return { operands: [arg, ...rest], unknown: [] };
      else operands.push(arg);
    }
    return { operands, unknown: [] };
  }

  #long(arg: string, rest: string[]): void {
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === '' || name.startsWith('-')) throw new UsageError('flag', `bad flag syntax: ${arg}`);
    const known = this.#byName.get(name);
    if (!known) {
      const names = Array.from(this.#byName.keys(), (one) => `--${one}`);
      throw new UsageError('flag', `unknown flag: --${name}`, { typed: `--${name}`, known: names });
    }
    if (value !== undefined) this.#set(known, value);
    else if (known.flag.type === 'bool') this.#set(known, 'true');
    else this.#set(known, rest.shift() ?? needsArgument(`--${name}`));
  }

  #letters(group: string, rest: string[]): void {
    for (let letters = group; letters !== ''; letters = letters.slice(1)) {
      const [letter = '', next] = letters;
      const known = this.#byLetter.get(letter);
      if (!known) throw new UsageError('flag', `unknown shorthand flag: '${letter}' in -${letters}`);
      const joined = next === '=' && letters.length > 2;
      if (known.flag.type === 'bool' && !joined) {
        this.#set(known, 'true');
        continue;
      }
      const value = next === undefined ? rest.shift() : letters.slice(joined ? 2 : 1);
      this.#set(known, value ?? needsArgument(`'${letter}' in -${letters}`));
      return;
    }
  }

  #set({ key, name, flag: one }: KnownFlag, text: string): void {
    try {
      this.setOptionValueWithSource(key, one.parse(text, this.getOptionValue(key)), 'cli');
    } catch (error) {
      if (!(error instanceof FlagValueError)) throw error;
      const shown = one.short ? `-${one.short}, --${name}` : `--${name}`;
      const value = JSON.stringify(text);
      throw new UsageError('flag', `invalid argument ${value} for "${shown}" flag: ${error.message}`);
    }
    this.given.set(name, one);
    if (one.deprecated) this.#options.notice?.(`Flag --${name} has been deprecated, ${one.deprecated}`);
  }
}

function needsArgument(shown: string): never {
  throw new UsageError('flag', `flag needs an argument: ${shown}`);
}
