import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import { flag } from '../command.ts';
import { describeOpen } from '../container/options/environment.ts';
import { splitFields } from '../csv.ts';
import { loadCompose, type Source } from './compose/load.ts';
import type { Mapping } from './compose/shape.ts';

/** The compose files of a command; several may stand in one value. */
export const composeFileFlag = flag.custom<string[]>({
  short: 'c',
  type: 'strings',
  value: 'file',
  summary: 'Compose file, or "-" for standard input; further ones are put over it',
  default: [],
  parse: (value, all) => [...all, ...splitFields(value)],
});

async function readSource(name: string, { streams }: CommandContext): Promise<Source> {
  if (name === '-') return { name, content: await text(streams.in.stream) };
  try {
    return { name, content: await readFile(name, 'utf8') };
  } catch (error) {
    throw new CommandError(describeOpen(name, error), 1, { cause: error });
  }
}

/** Reads and merges compose files. Throws CommandError in docker's words. */
export async function readCompose(
  names: readonly string[],
  context: CommandContext,
  options: { skipInterpolation?: boolean } = {},
): Promise<Mapping> {
  if (names.length === 0) throw new CommandError('Specify a Compose file (with --compose-file)');
  const sources: Source[] = [];
  for (const name of names) sources.push(await readSource(name, context));
  const warnings = new Set<string>();
  const file = loadCompose(sources, {
    environment: context.environment,
    workingDirectory: process.cwd(),
    warn: (warning) => warnings.add(warning),
    ...options,
  });
  for (const warning of warnings) await context.streams.err.line(`WARNING: ${warning}`);
  return file;
}
