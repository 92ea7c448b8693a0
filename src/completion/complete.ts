import type { AnyCommand } from '../commands/command.ts';
import { globalFlags } from '../commands/global.ts';
import type { CommandContext } from '../context.ts';
import { pluginNames } from '../plugins/plugins.ts';
import { commands, findCommand, groups } from '../program.ts';
import { topics } from '../topics/topics.ts';
import {
  type Candidate,
  type Completion,
  directives,
  files,
  formatCompletion,
  nothing,
  words,
} from './answer.ts';
import { nextArgument } from './arguments.ts';
import { type LiveKind, liveNames } from './live.ts';
import { type NamedFlag, namedFlags, type Scanned, scanWords } from './scan.ts';
import { flagValues } from './values.ts';

/** Makes the context of a command line from the global flags in it. */
export type ContextOf = (globals: readonly string[]) => CommandContext;

/**
 * Completes a command line: `line` are its words after the program's name, the last of which is being typed. The
 * answer is one candidate a line and a number that says what the shell is to do besides. Never throws.
 */
export async function completeLine(line: readonly string[], contextOf: ContextOf): Promise<string> {
  const typed = line.at(-1) ?? '';
  const before = line.slice(0, -1);
  try {
    const { args, awaiting } = scanWords(globalFlags, before, { stopAtFirstArgument: true });
    const globals = before.slice(0, before.length - args.length);
    const context = contextOf(awaiting ? globals.slice(0, -1) : globals);
    if (awaiting) return await answerFlag(awaiting, typed, '', context);
    if (args.length === 0 && typed.startsWith('-')) return await answerFlags(globalFlags, typed, '', context);
    return await completeWords(args, typed, context);
  } catch {
    return formatCompletion(nothing, typed);
  }
}

async function completeWords(args: string[], typed: string, context: CommandContext): Promise<string> {
  const meant = args[0] === 'help' ? args.slice(1) : args;
  if (args.length === 1 && args[0] === 'help') {
    const candidates = [
      ...firstWords(context),
      ...topics.map(({ name: word }) => ({ word, description: 'Topic' })),
    ];
    return formatCompletion(words(candidates), typed);
  }
  if (meant.length === 0) return formatCompletion(words(firstWords(context)), typed);
  const found = findCommand(meant);
  if (found?.kind === 'group')
    return formatCompletion(found.rest.length > 0 ? nothing : words(verbs(found.group.commands)), typed);
  if (found?.kind !== 'command' || args[0] === 'help')
    return formatCompletion(found ? nothing : files, typed);
  const { default: command } = await found.entry.load();
  const scanned = scanWords(command.flags, found.rest, command);
  if (scanned.awaiting) return answerFlag(scanned.awaiting, typed, found.path, context);
  if (typed.startsWith('-') && !scanned.flagsEnded) {
    return answerFlags(command.flags, typed, found.path, context);
  }
  return answerArgument(command, found.path, scanned, typed, context);
}

function firstWords({ config }: CommandContext): Candidate[] {
  return [
    ...verbs([...commands, ...groups]),
    ...pluginNames(config).map((word) => ({ word, description: 'Plugin' })),
    ...Object.entries(config.aliases).map(([word, meant]) => ({ word, description: meant })),
    { word: 'help', description: 'Help about a command' },
  ].sort((first, second) => (first.word < second.word ? -1 : 1));
}

function verbs(entries: readonly { name: string; summary: string; hidden?: boolean }[]): Candidate[] {
  return entries
    .filter(({ hidden }) => !hidden)
    .map(({ name, summary }) => ({ word: name, description: summary }));
}

/** The flags of a set, or the values of the one that is written with its `=`. */
async function answerFlags(
  flags: AnyCommand['flags'],
  typed: string,
  path: string,
  context: CommandContext,
): Promise<string> {
  const all = namedFlags(flags).filter(({ flag }) => !flag.hidden && !flag.deprecated);
  const [, name, value] = /^--([^=]+)=(.*)$/s.exec(typed) ?? [];
  const wanted = all.find((one) => one.name === name);
  if (wanted && value !== undefined) return answerFlag(wanted, value, path, context, `--${name}=`);
  const candidates = all.map((one) => ({ word: `--${one.name}`, description: one.flag.summary }));
  const help = { word: '--help', description: 'Show this help' };
  return formatCompletion(words([...candidates, help].sort((a, b) => (a.word < b.word ? -1 : 1))), typed);
}

async function answerFlag(
  flag: NamedFlag,
  typed: string,
  path: string,
  context: CommandContext,
  prefix = '',
): Promise<string> {
  const { candidates, directive } = await filled(flagValues(flag, typed, path, context.environment), context);
  const whole = candidates.map((one) => ({ ...one, word: `${prefix}${one.word}` }));
  return formatCompletion({ candidates: whole, directive }, `${prefix}${typed}`);
}

async function answerArgument(
  command: AnyCommand,
  path: string,
  { args, given }: Scanned,
  typed: string,
  context: CommandContext,
): Promise<string> {
  if (args.length >= command.arguments.most) return formatCompletion(nothing, typed);
  const next = nextArgument(path, command.usage, args, given.has('force'));
  const { candidates, directive } = await filled(next, context);
  // What is named already is seldom meant once more.
  const fresh = candidates.filter(({ word }) => !args.includes(word));
  if (!/(^| )cp$/.test(path)) return formatCompletion({ candidates: fresh, directive }, typed);
  const sides = fresh.map(({ word, description }) => ({ word: `${word}:`, description }));
  const isPath = /^[./~]/.test(typed);
  return formatCompletion(isPath ? files : { candidates: sides, directive: directives.noSpace }, typed);
}

async function filled(what: Completion | LiveKind, context: CommandContext): Promise<Completion> {
  if (typeof what !== 'string') return what;
  // The number of tasks is yet to come.
  return words(await liveNames(what, context), what === 'scales' ? directives.noSpace : 0);
}
