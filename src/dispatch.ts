import { compareVersions } from '@davit/api';
import type { AnyCommand, Flag } from './commands/command.ts';
import { globalFlags } from './commands/global.ts';
import { parseArguments } from './commands/parser.ts';
import { type CommandContext, createContext } from './context.ts';
import { CommandError, describeError, exitCodeOf, UsageError } from './exit.ts';
import { type FoundCommand, findCommand, type GroupEntry, otherNames } from './program.ts';
import { processInterruption } from './terminal/interruption.ts';
import { processStreams, type Streams } from './terminal/streams.ts';
import { versionLine } from './version.ts';

/** The process as a command line sees it. */
export interface Host {
  /** Name of the program in messages. */
  program: string;
  streams: Streams;
  environment: Readonly<Record<string, string | undefined>>;
  interruption: () => AbortSignal;
}

/** Runs a command line as this process, and ends it with the command line's exit code. */
export async function runProcess(program: string, args: string[]): Promise<never> {
  const streams = processStreams();
  const code = await runCommandLine(args, {
    program,
    streams,
    environment: process.env,
    interruption: processInterruption,
  });
  // Standard input may still be open, and idle connections too: nothing of that is waited for.
  await Promise.all([streams.out.flushed(), streams.err.flushed()]);
  process.exit(code);
}

/** Runs one command line from its words to its exit code. Never throws. */
export async function runCommandLine(args: string[], host: Host): Promise<number> {
  const { program, streams } = host;
  let debug = false;
  try {
    return await withUsage(`${program} [OPTIONS] COMMAND [ARG...]`, program, async () => {
      const { options, args: words, help } = parseArguments(globalFlags, args, { stopAtFirstArgument: true });
      debug = options.debug;
      if (options.version) return await print(streams.out, `${versionLine(program)}\n`);
      if (words.length === 0 || help) return await showProgramHelp(host, help ? 'out' : 'err');
      if (!globalFlags.logLevel.choices?.includes(options.logLevel)) {
        throw new CommandError(`Unable to parse logging level: ${options.logLevel}`);
      }
      const context = createContext({ ...host, flags: options });
      return await runWords(words, context);
    });
  } catch (error) {
    const text = debug && error instanceof Error ? (error.stack ?? error.message) : describeError(error);
    if (text !== '') await streams.err.line(text);
    const detail = error instanceof CommandError ? error.detail : '';
    if (detail !== '' && streams.err.isTerminal) await streams.err.line(detail);
    return exitCodeOf(error);
  }
}

async function runWords(words: string[], context: CommandContext): Promise<number> {
  const { program } = context;
  if (words[0] === 'help') return showTopic(words.slice(1), context);
  const found = findCommand(words);
  if (found?.kind === 'command') return runCommand(found, context);
  if (found?.kind === 'group') return runGroup(found.group, found.rest, context);
  // Flags are read before the name is missed: `frobnicate -x` is a wrong flag, `frobnicate --help` asks for help.
  if (parseArguments(globalFlags, words).help) return showProgramHelp(context, 'out');
  throw new CommandError(
    `${program}: unknown command: ${program} ${words[0]}\n\nRun '${program} --help' for more information`,
  );
}

async function runCommand({ entry, path, rest }: FoundCommand, context: CommandContext): Promise<number> {
  const { program, streams } = context;
  const { default: command } = await entry.load();
  const full = `${program} ${path}`;
  return withUsage(
    `${full} ${command.usage}`.trimEnd(),
    full,
    async () => {
      const parsed = parseArguments(command.flags, rest, {
        stopAtFirstArgument: command.stopAtFirstArgument,
        notice: (text) => void streams.out.line(text),
      });
      if (parsed.help) return showCommandHelp(command, path, otherNames(entry), context);
      const problem = command.arguments.problem(parsed.args.length);
      if (problem !== null) throw new UsageError('arguments', `${program}: '${full}' ${problem}`);
      await checkVersions(parsed.given, context);
      return (await command.run(parsed.options as never, parsed.args, context)) ?? 0;
    },
    command,
  );
}

/** Refuses flags that the engine is too old for; it is asked only when there is such a flag. */
async function checkVersions(given: Map<string, Flag<unknown>>, context: CommandContext): Promise<void> {
  for (const [name, { since }] of given) {
    if (!since) continue;
    const client = await context.connect();
    const version = await client.version();
    if (compareVersions(version, since) < 0) {
      throw new CommandError(
        `"--${name}" requires API version ${since}, but the Docker daemon API version is ${version}`,
      );
    }
  }
}

async function runGroup(group: GroupEntry, rest: string[], context: CommandContext): Promise<number> {
  const { program, streams } = context;
  const full = `${program} ${group.name}`;
  return withUsage(full, full, async () => {
    const { help } = parseArguments({}, rest);
    const { groupHelp } = await import('./commands/help.ts');
    if (help) return print(streams.out, groupHelp(group, program, streams.out));
    if (rest.length === 0) return print(streams.err, groupHelp(group, program, streams.err));
    throw new UsageError('arguments', `${program}: unknown command: ${full} ${rest[0]}`);
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
    throw new CommandError(`${error.message}\n\nUsage:  ${usage}\n\n${hint}`, exitCodeOf(error));
  }
}

async function showTopic(topic: string[], context: CommandContext): Promise<number> {
  if (topic.length === 0) return showProgramHelp(context, 'out');
  const found = findCommand(topic);
  if (found?.kind === 'command' && found.rest.length === 0) {
    const { default: command } = await found.entry.load();
    return showCommandHelp(command, found.path, otherNames(found.entry), context);
  }
  if (found?.kind === 'group' && found.rest.length === 0) return runGroup(found.group, ['--help'], context);
  throw new CommandError(`unknown help topic: ${topic.at(-1)}`);
}

async function showProgramHelp(host: Pick<Host, 'program' | 'streams'>, to: 'out' | 'err'): Promise<number> {
  const { programHelp } = await import('./commands/help.ts');
  const output = host.streams[to];
  return print(output, programHelp(host.program, output));
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
