import type { AnyCommand, Flag } from './commands/command.ts';
import { globalFlags } from './commands/global.ts';
import { parseArguments } from './commands/parser.ts';
import { usageText } from './commands/usage.ts';
import { type CommandContext, createContext } from './context.ts';
import { CommandError, describeError, exitCodeOf, UsageError } from './exit.ts';
import {
  commands,
  type FoundCommand,
  findCommand,
  type GroupEntry,
  groups,
  isTaken,
  otherNames,
} from './program.ts';
import { endProcess } from './terminal/ending.ts';
import { processInterruption } from './terminal/interruption.ts';
import { type Output, processStreams, type Streams } from './terminal/streams.ts';
import { versionLine } from './version.ts';

/** The process as a command line sees it. */
export interface Host {
  /** Name of the program in messages. */
  program: string;
  streams: Streams;
  environment: Readonly<Record<string, string | undefined>>;
  interruption: () => AbortSignal;
}

/** Runs a command line as this process, which ends with the command line's exit code. */
export async function runProcess(program: string, args: string[]): Promise<void> {
  const streams = processStreams();
  const code = await runCommandLine(args, {
    program,
    streams,
    environment: process.env,
    interruption: processInterruption,
  });
  await Promise.all([streams.out.flushed(), streams.err.flushed()]);
  endProcess(code, streams.in);
}

/** Runs one command line from its words to its exit code. Never throws. */
export async function runCommandLine(args: string[], host: Host): Promise<number> {
  const { program, streams } = host;
  if (args[0] === '__complete' || args[0] === '__completeNoDesc') return complete(args, host);
  let debug = false;
  let context: CommandContext | undefined;
  try {
    return await withUsage(`${program} [OPTIONS] COMMAND [ARG...]`, program, async () => {
      const { options, args: words, help } = parseArguments(globalFlags, args, { stopAtFirstArgument: true });
      debug = options.debug;
      if (options.version) return await print(streams.out, `${versionLine(program)}\n`);
      context = createContext({ ...host, flags: options, isCommand: isTaken });
      if (words.length === 0 || help) return await showProgramHelp(host, help ? 'out' : 'err', context);
      if (!globalFlags.logLevel.choices?.includes(options.logLevel)) {
        throw new CommandError(`Unable to parse logging level: ${options.logLevel}`);
      }
      return await runWords(words, args, context);
    });
  } catch (error) {
    const text = debug && error instanceof Error ? (error.stack ?? error.message) : describeError(error);
    if (streams.err.isTerminal) await tellPerson(text, error, context, streams.err);
    else if (text !== '') await streams.err.line(text);
    return exitCodeOf(error);
  }
}

/**
 * Tells of an error on a terminal, which nothing in the words of engines and files can do anything to, and what may
 * help: what a program reads is not changed by it.
 */
async function tellPerson(
  text: string,
  error: unknown,
  context: CommandContext | undefined,
  output: Output,
): Promise<void> {
  const { printableText } = await import('./format/printable.ts');
  if (text !== '') await output.line(printableText(text));
  const { hintFor } = await import('./hints/hints.ts');
  const hint = await hintFor(error, context);
  if (hint !== '') await output.line(printableText(hint));
}

/** Answers a shell that wants to complete a command line. */
async function complete([request, ...line]: string[], host: Host): Promise<number> {
  const { completeLine } = await import('./completion/complete.ts');
  const answer = await completeLine(line, (globals) => {
    const { options } = parseArguments(globalFlags, [...globals]);
    return createContext({ ...host, flags: options, isCommand: isTaken });
  });
  return print(host.streams.out, request === '__complete' ? answer : answer.replace(/\t.*$/gm, ''));
}

/** Runs what stands after the global flags; `args` is the whole command line, for a plugin. */
async function runWords(words: string[], args: string[], context: CommandContext): Promise<number> {
  if (words[0] === 'help') return showTopic(words.slice(1), args, context);
  const found = findCommand(words);
  if (!found || isBuild(words)) {
    const { resolveAlias } = await import('./aliases.ts');
    const meant = resolveAlias(words, context.config.aliases);
    const before = args.slice(0, args.length - words.length);
    if (meant) return runWords(meant, [...before, ...meant], context);
  }
  if (found?.kind === 'command') return runCommand(found, context);
  if (found?.kind === 'group') return runGroup(found.group, found.rest, context);
  return runUnknown(words, args, context);
}

/** Whether the words may stand for a plugin that builds, which config.json can put in the place of davit's own. */
function isBuild(words: string[]): boolean {
  return words[0] === 'build' || words[0] === 'builder' || (words[0] === 'image' && words[1] === 'build');
}

/** Runs the plugin of a name; null when there is none. */
async function tryPlugin(name: string, args: string[], context: CommandContext): Promise<number | null> {
  const { findPlugin } = await import('./plugins/plugins.ts');
  const plugin = await findPlugin(name, context.config);
  if (!plugin) return null;
  const { runPlugin } = await import('./plugins/run.ts');
  const { program, environment } = context;
  return runPlugin({ path: plugin.Path, args, environment, program });
}

async function runUnknown(words: string[], args: string[], context: CommandContext): Promise<number> {
  const { program } = context;
  const [name = ''] = words;
  const code = await tryPlugin(name, args, context);
  if (code !== null) return code;
  const { leftOut } = await import('./commands/left-out.ts');
  const reason = leftOut.get(name);
  if (reason) throw new CommandError(`${program}: there is no ${program} ${name}: ${reason}`);
  // Flags are read before the name is missed: `frobnicate -x` is a wrong flag, `frobnicate --help` asks for help.
  if (parseArguments(globalFlags, words).help) return showProgramHelp(context, 'out', context);
  throw new CommandError(
    `${program}: unknown command: ${program} ${name}\n\nRun '${program} --help' for more information`,
    1,
    { unknown: { typed: name, known: [...commands, ...groups].map((entry) => entry.name) } },
  );
}

async function runCommand({ entry, path, rest }: FoundCommand, context: CommandContext): Promise<number> {
  const { program, streams } = context;
  const { default: command } = await entry.load();
  const full = `${program} ${path}`;
  return withUsage(
    usageText(command.usage, program, path),
    full,
    async () => {
      const parsed = parseArguments(command.flags, rest, {
        stopAtFirstArgument: command.stopAtFirstArgument,
        notice: (text) => void streams.out.line(text),
      });
      if (parsed.help) return showCommandHelp(command, path, otherNames(entry), context);
      const problem = command.arguments.problem(parsed.args.length);
      if (problem !== null) throw new UsageError('arguments', `${program}: '${full}' ${problem}`);
      await checkEngine(parsed.given, context);
      return (await command.run(parsed.options as never, parsed.args, context)) ?? 0;
    },
    command,
  );
}

/** Refuses flags that this engine does not know; it is asked only when there is such a flag. */
async function checkEngine(given: Map<string, Flag<unknown>>, context: CommandContext): Promise<void> {
  if (![...given.values()].some(({ since, system }) => since || system)) return;
  const { refuseUnknownFlags } = await import('./commands/engine-flags.ts');
  await refuseUnknownFlags(given, await context.connect());
}

async function runGroup(group: GroupEntry, rest: string[], context: CommandContext): Promise<number> {
  const { program, streams } = context;
  const full = `${program} ${group.name}`;
  return withUsage(full, full, async () => {
    const { help } = parseArguments({}, rest);
    const { groupHelp } = await import('./commands/help.ts');
    if (help) return print(streams.out, groupHelp(group, program, streams.out));
    if (rest.length === 0) return print(streams.err, groupHelp(group, program, streams.err));
    const known = group.commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    const [typed = ''] = rest;
    throw new UsageError('arguments', `${program}: unknown command: ${full} ${typed}`, { typed, known });
  });
}

/** Completes a UsageError of `work` with the usage and where help is to be found. */
async function withUsage<T>(
  usage: string,
  full: string,
  work: () => Promise<T>,
  command?: AnyCommand,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const see = error.kind === 'arguments' && command?.arguments.hint === 'see';
    const hint = see
      ? `See '${full} --help' for more information`
      : `Run '${full} --help' for more information`;
    throw new CommandError(`${error.message}\n\nUsage:  ${usage}\n\n${hint}`, exitCodeOf(error), {
      unknown: error.unknown,
    });
  }
}

async function showTopic(topic: string[], args: string[], context: CommandContext): Promise<number> {
  if (topic.length === 0) return showProgramHelp(context, 'out', context);
  const found = findCommand(topic);
  if (found?.kind === 'command' && found.rest.length === 0) {
    const { default: command } = await found.entry.load();
    return showCommandHelp(command, found.path, otherNames(found.entry), context);
  }
  if (found?.kind === 'group' && found.rest.length === 0) return runGroup(found.group, ['--help'], context);
  const { topics } = await import('./topics/topics.ts');
  const one = topic.length === 1 ? topics.find(({ name }) => name === topic[0]) : undefined;
  if (one) {
    const [{ topicHelp }, { default: text }] = await Promise.all([import('./commands/help.ts'), one.load()]);
    return print(context.streams.out, topicHelp(text, context.streams.out));
  }
  const code = found ? null : await tryPlugin(topic[0] ?? '', args, context);
  if (code !== null) return code;
  const known = [...commands, ...groups, ...topics].map(({ name }) => name);
  throw new CommandError(`unknown help topic: ${topic.at(-1)}`, 1, {
    unknown: { typed: topic.at(-1) ?? '', known },
  });
}

async function showProgramHelp(
  { program, streams }: Pick<Host, 'program' | 'streams'>,
  to: 'out' | 'err',
  context?: CommandContext,
): Promise<number> {
  const [{ programHelp }, plugins] = await Promise.all([
    import('./commands/help.ts'),
    context?.plugins() ?? [],
  ]);
  const output = streams[to];
  return print(output, programHelp(program, output, plugins));
}

async function showCommandHelp(
  command: AnyCommand,
  path: string,
  names: string[],
  { program, streams }: CommandContext,
): Promise<number> {
  const { commandHelp } = await import('./commands/help.ts');
  return print(streams.out, commandHelp(command, { program, path, names }, streams.out));
}

async function print(output: Streams['out'], text: string): Promise<number> {
  await output.write(text);
  return 0;
}
