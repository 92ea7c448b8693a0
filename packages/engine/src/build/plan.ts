import { EngineError } from '../errors.ts';
import { parsePlatform } from '../images/platform.ts';
import { expandWord, type Lookup, splitWords } from '../images/words.ts';
import { dockerfileError } from './dockerfile/failure.ts';
import { flagValue, flagValues } from './dockerfile/flags.ts';
import { mountOption } from './dockerfile/mount.ts';
import type { Instruction, ParsedDockerfile } from './dockerfile/parse.ts';
import { firstOf, lookupOf, platformArguments } from './variables.ts';

/** A stage: what it stands on, and what is done to that. */
export interface Stage {
  index: number;
  /** In lower case; empty when it has none. */
  name: string;
  from: Instruction;
  /** An image, `scratch`, or the index of an earlier stage. */
  base: string | number;
  /** As FROM asks for it; empty when it does not. */
  platform: string;
  steps: Instruction[];
}

export interface Plan {
  file: ParsedDockerfile;
  /** Instructions before the first stage. */
  preamble: Instruction[];
  /** Values of the arguments before the first stage, which stages may ask for. */
  globals: Readonly<Record<string, string | undefined>>;
  /** All stages of the Dockerfile. */
  all: readonly Stage[];
  /** The stages that the target needs, in the order of the Dockerfile. */
  stages: Stage[];
  target: Stage;
}

export interface PlanOptions {
  buildArgs: Readonly<Record<string, string | null>>;
  /** Name or number of the stage to build; empty: the last. */
  target: string;
  /** What all is built for. */
  platform: string;
  /** Names that stand for something else than stages and images. */
  contexts: ReadonlySet<string>;
  /** Labels that every image of the build gets. */
  labels: Readonly<Record<string, string>>;
}

/** Finds the stages of a Dockerfile that a build needs. Throws `badParameter`. */
export function planBuild(file: ParsedDockerfile, options: PlanOptions): Plan {
  const { source, instructions, escapedBy } = file;
  const first = instructions.findIndex(({ name }) => name === 'FROM');
  const preamble = first === -1 ? instructions : instructions.slice(0, first);
  const stray = preamble.find(({ name }) => name !== 'ARG');
  if (stray || first === -1) {
    const { line = 1, column = 1 } = stray ?? preamble[0] ?? {};
    throw dockerfileError(source, { line, column }, 'no build stage in current context');
  }
  const given = lookupOf(definedOf(options.buildArgs));
  const predefined = lookupOf(platformArguments(parsePlatform(options.platform), options.target));
  const globals: Record<string, string | undefined> = {};
  const lookup = firstOf(lookupOf(globals), given, predefined);
  for (const instruction of preamble)
    for (const { name, value } of readArguments(instruction, lookup, escapedBy))
      globals[name] = given(name) ?? value;

  const stages: Stage[] = [];
  for (const instruction of instructions.slice(first)) {
    if (instruction.name === 'FROM')
      stages.push(readStage(instruction, stages, lookup, file, options.contexts));
    else stages.at(-1)?.steps.push(instruction);
  }
  const target = findTarget(stages, options.target);
  addLabels(target, options.labels);
  const needed = new Set<number>();
  const visit = (index: number) => {
    const stage = stages[index];
    if (!stage || needed.has(index)) return;
    needed.add(index);
    for (const other of dependenciesOf(stage, stages, options.contexts)) visit(other);
  };
  visit(target.index);
  const wanted = stages.filter(({ index }) => needed.has(index));
  return { file, preamble, globals, target, all: stages, stages: wanted };
}

const definedOf = (values: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );

/** The arguments that an ARG declares, with their defaults; undefined where there is none. */
export function readArguments(
  { rest }: Instruction,
  lookup: Lookup,
  escapedBy: string,
): { name: string; value: string | undefined }[] {
  return splitWords(rest, escapedBy).map((word) => {
    const equals = word.indexOf('=');
    const name = expandWord(equals === -1 ? word : word.slice(0, equals), lookup, escapedBy);
    if (name === '') throw new EngineError('badParameter', 'ARG names can not be blank');
    return { name, value: equals === -1 ? undefined : expandWord(word.slice(equals + 1), lookup, escapedBy) };
  });
}

function readStage(
  from: Instruction,
  stages: readonly Stage[],
  lookup: Lookup,
  { source, escapedBy }: ParsedDockerfile,
  contexts: ReadonlySet<string>,
): Stage {
  const words = splitWords(from.rest, escapedBy);
  const [image = '', as = '', alias = ''] = words;
  if (words.length !== 1 && !(words.length === 3 && as.toUpperCase() === 'AS'))
    throw dockerfileError(source, from, 'FROM requires either one or three arguments');
  const name = alias.toLowerCase();
  if (name !== '' && !/^[a-z][a-z0-9-_.]*$/.test(name))
    throw dockerfileError(
      source,
      from,
      `invalid name for build stage: ${JSON.stringify(alias)}, name can't start with a number or contain symbols`,
    );
  let base: string;
  try {
    base = expandWord(image, lookup, escapedBy);
  } catch (error) {
    throw dockerfileError(
      source,
      from,
      `failed to process ${JSON.stringify(image)}: ${(error as Error).message}`,
    );
  }
  if (base === '') throw dockerfileError(source, from, `base name (${image}) should not be blank`);
  const platform = expandWord(flagValue(from.flags, 'platform') ?? '', lookup, escapedBy);
  const earlier = contexts.has(base)
    ? undefined
    : stages.findLast((stage) => stage.name === base.toLowerCase());
  return { index: stages.length, name, from, base: earlier?.index ?? base, platform, steps: [] };
}

function findTarget(stages: readonly Stage[], wanted: string): Stage {
  const last = stages.at(-1);
  const found = wanted === '' ? last : findStage(stages, wanted, stages.length);
  if (!found) throw new EngineError('badParameter', `failed to reach build target ${wanted} in Dockerfile`);
  return found;
}

/** The stage before `before` that a name or a number means. */
export function findStage(stages: readonly Stage[], text: string, before: number): Stage | undefined {
  const earlier = stages.filter(({ index }) => index < before);
  const named = earlier.findLast(({ name }) => name !== '' && name === text.toLowerCase());
  return named ?? (/^\d+$/.test(text) ? earlier.find(({ index }) => index === Number(text)) : undefined);
}

/** What a step takes files from, besides its own root and the build context. */
export function originsOf({ name, flags }: Instruction): string[] {
  if (name === 'COPY') return flagValues(flags, 'from');
  if (name !== 'RUN') return [];
  return flagValues(flags, 'mount').flatMap((text) => mountOption(text, 'from') ?? []);
}

function dependenciesOf(stage: Stage, stages: readonly Stage[], contexts: ReadonlySet<string>): number[] {
  const origins = stage.steps.flatMap(originsOf).filter((origin) => !contexts.has(origin));
  const others = origins.flatMap((origin) => findStage(stages, origin, stage.index)?.index ?? []);
  return typeof stage.base === 'number' ? [stage.base, ...others] : others;
}

/** The labels of a build are one more step of its last stage, as dockerd has it. */
function addLabels(target: Stage, labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return;
  const quote = (text: string) => `'${text.replaceAll("'", `'"'"'`)}'`;
  const rest = entries.map(([key, value]) => `${quote(key)}=${quote(value)}`).join(' ');
  const text = `LABEL ${entries.map(([key, value]) => `${key}=${value}`).join(' ')}`;
  const { line, column, endLine } = target.steps.at(-1) ?? target.from;
  target.steps.push({ name: 'LABEL', flags: [], rest, heredocs: [], text, line, column, endLine });
}
