import { Command, CommanderError, Option } from 'commander';
import { EngineError } from './errors.ts';
import {
  type ForeignSetting,
  foreignSettings,
  longFlag,
  type Setting,
  settings,
  type Values,
} from './settings/options.ts';
import { parseRuntime, readSwitch } from './settings/values.ts';

/** What the command line of davitd says. */
export interface CommandLine {
  action: 'serve' | 'validate' | 'check' | 'repair' | 'version' | 'help';
  /** The configuration file that is named. */
  configFile?: string;
  given: Values;
}

/** A command line that nobody can understand, as against one whose values do not work. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The settings that a flag can give. */
const flagged = settings.filter(({ flags }) => flags !== '');
const switches = new Set(flagged.filter(({ kind }) => kind === 'switch').map(longFlag));

/** Reads the command line of davitd. Throws UsageError, or EngineError for a flag that cannot work here. */
export function parseCommandLine(argv: string[]): CommandLine {
  const program = describe();
  try {
    program.parse(argv.map(plainSwitch), { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? new UsageError(inWordsOfDocker(error)) : error;
  }
  const options = program.opts();
  if (options.help) return { action: 'help', given: {} };
  if (options.version) return { action: 'version', given: {} };
  const given: Values = {};
  for (const setting of settings) {
    const value = options[setting.key];
    if (value !== undefined) given[setting.key] = value;
  }
  for (const foreign of foreignSettings) checkForeign(foreign, options[foreign.key]);
  if (options.repair && !options.checkStore) throw new UsageError('--repair goes with --check-store only');
  const checking = options.repair ? 'repair' : 'check';
  const action = options.validate ? 'validate' : options.checkStore ? checking : 'serve';
  return { action, configFile: options.configFile, given };
}

/** The text of `davitd --help`. */
export function helpText(): string {
  return describe().helpInformation();
}

/** What the command line of davitd takes: the flags as help shows them, and what they do. */
export function describeFlags(): { flags: string; help: string }[] {
  return describe()
    .options.filter(({ hidden }) => !hidden)
    .map(({ flags, description }) => ({ flags, help: description }));
}

function describe(): Command {
  const program = new Command('davitd')
    .description('The engine of davit: runs containers and keeps images and networks')
    .usage('[OPTIONS]')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .configureHelp({ helpWidth: 100 })
    .helpOption(false);
  for (const setting of flagged) program.addOption(optionOf(setting));
  for (const setting of flagged) {
    if (setting.kind === 'switch')
      program.addOption(named(`--no-${longFlag(setting)}`, setting.key).hideHelp());
  }
  for (const foreign of foreignSettings) program.addOption(named(foreign.flags, foreign.key).hideHelp());
  return program
    .option('--config-file <file>', 'Settings by their keys in daemon.json (/etc/davit/daemon.json)')
    .option('--validate', 'Check the settings and exit')
    .option('--check-store', 'Check all that is kept of images against its digests, and exit')
    .option('--repair', 'With --check-store: mend what is broken, or remove it')
    .option('-v, --version', 'Show the version and exit')
    .option('--help', 'Show this help and exit');
}

function optionOf({ key, flags, kind, help }: Setting): Option {
  const option = named(flags, key, help);
  if (kind === 'list' || kind === 'pools' || kind === 'pairs')
    option.argParser((value: string, before: string[] = []) => [...before, value]);
  if (kind === 'runtimes') {
    option.argParser((value: string, before: object = {}) => ({ ...before, ...parseRuntime(value) }));
  }
  if (kind === 'number') {
    option.argParser((value: string) => {
      if (!/^\d{1,9}$/.test(value))
        throw new UsageError(`invalid argument "${value}" for "${flags}": not a whole number`);
      return Number(value);
    });
  }
  return option;
}

/** An option whose value is found under the setting's key. */
function named(flags: string, key: string, help?: string): Option {
  const option = new Option(flags, help);
  option.attributeName = () => key;
  // For commander --no-proxy would be the opposite of --proxy.
  if (option.required) option.negate = false;
  return option;
}

/** `--debug=false`, as Go programs take it, in commander's words. */
function plainSwitch(argument: string): string {
  const [, flag = '', value = ''] = /^--([a-z-]+)=(.*)$/.exec(argument) ?? [];
  if (!switches.has(flag)) return argument;
  const on = readSwitch(value);
  if (on === undefined)
    throw new UsageError(`invalid argument "${value}" for "--${flag}" flag: not true or false`);
  return on ? `--${flag}` : `--no-${flag}`;
}

function checkForeign({ flags, value, why }: ForeignSetting, given: string | boolean | undefined): void {
  if (given === undefined) return;
  const meant = typeof value === 'boolean' && typeof given === 'string' ? readSwitch(given) : given;
  if (value === undefined || meant !== value) {
    throw new EngineError('badParameter', `--${longFlag({ flags })} cannot be used: ${why}`);
  }
}

function inWordsOfDocker(error: CommanderError): string {
  const [, name = ''] = /'([^']*)'/.exec(error.message) ?? [];
  switch (error.code) {
    case 'commander.unknownOption':
      return name.startsWith('--')
        ? `unknown flag: ${name.split('=', 1)[0]}`
        : `unknown shorthand flag: '${name.charAt(1)}' in ${name}`;
    case 'commander.optionMissingArgument':
      return `flag needs an argument: --${longFlag({ flags: name })}`;
    case 'commander.excessArguments':
      return 'davitd accepts no arguments';
    default:
      return error.message.replace(/^error: /, '');
  }
}
