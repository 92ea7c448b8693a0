import { hostPlatform } from '../../images/platform.ts';
import { parseReference } from '../../images/reference.ts';
import { expandWord, splitWords } from '../../images/words.ts';
import { isNear } from '../dockerfile/near.ts';
import type { Instruction } from '../dockerfile/parse.ts';
import { readArguments, type Stage } from '../plan.ts';
import { platformArguments, proxyArguments } from '../variables.ts';
import { fromWords } from './casing.ts';
import { at, type LintInput, neededStages, type Rule, type Violation } from './rule.ts';

const predefined = Object.keys(platformArguments(hostPlatform, ''));

/** The variables that a text asks for without saying what stands in their place. */
function variablesIn(text: string, escapedBy: string): string[] {
  return splitWords(text, escapedBy).flatMap((word) => {
    const asked: string[] = [];
    const withOther = new Set(Array.from(word.matchAll(/\$\{(\w+|[@*#]):?[-+?]/g), ([, name]) => name));
    const lookup = (name: string) => {
      if (!withOther.has(name)) asked.push(name);
      return 'x';
    };
    try {
      expandWord(word, lookup, escapedBy);
    } catch {
      // What is wrong with it the build says.
    }
    return asked;
  });
}

/** One of the first so many names is guessed: each that is wrong is compared with all of them. */
const mostGuessed = 200;

/** ` (did you mean …?)` for a name that is nearly one of the known ones. */
function advice(name: string, known: IteratorObject<string>, prefix: string): string {
  const near = known.take(mostGuessed).find((one) => isNear(one.toUpperCase(), name.toUpperCase()));
  return near === undefined ? '' : ` (did you mean ${prefix}${near}?)`;
}

/** Names that ARG before the first stage declares. */
const globalsOf = ({ preamble, file }: LintInput): { name: string; value: string | undefined }[] =>
  preamble.flatMap((one) => declared(one, file.escapedBy));

function declared(
  instruction: Instruction,
  escapedBy: string,
): { name: string; value: string | undefined }[] {
  try {
    return readArguments(instruction, () => undefined, escapedBy);
  } catch {
    return [];
  }
}

const expandable = new Set([
  'ADD',
  'ARG',
  'COPY',
  'ENV',
  'EXPOSE',
  'LABEL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);
const secretWords = 'apikey|auth|credentials?|key|password|pword|passwd|secret|token';
const isSecret = (name: string): boolean =>
  new RegExp(`(?:_|^)(?:${secretWords})(?:_|$)`, 'i').test(name) && !/(?:_|^)public(?:_|$)/i.test(name);

/** Names that ENV sets. */
function namesOfEnv({ rest }: Instruction, escapedBy: string): string[] {
  const words = splitWords(rest, escapedBy);
  const [first = ''] = words;
  if (!first.includes('=')) return [first];
  return words.map((word) => word.split('=', 1)[0] ?? '');
}

/** What a stage knows when it begins; null when its base image is not here. */
function variablesOfBase(
  stage: Stage,
  input: LintInput,
  known: ReadonlyMap<number, Set<string> | null>,
): Set<string> | null {
  if (typeof stage.base === 'number') {
    const inherited = known.get(stage.base);
    return inherited ? new Set(inherited) : null;
  }
  const names = stage.base === 'scratch' ? [] : input.variablesOf(stage.base);
  return names && new Set(['PATH', ...names]);
}

function* undefinedIn(stage: Stage, names: Set<string>, input: LintInput): Generator<Violation> {
  const { escapedBy } = input.file;
  const args = new Set(proxyArguments);
  const usable = function* () {
    yield* names;
    yield* args;
  };
  for (const step of stage.steps) {
    if (expandable.has(step.name))
      for (const name of new Set(
        variablesIn(step.name === 'ARG' ? defaultsOf(step, escapedBy) : wordsOf(step), escapedBy),
      ))
        if (!names.has(name) && !args.has(name))
          yield at(step, `The variable '$${name}' is not defined${advice(name, usable(), '$')}`);
    if (step.name === 'ENV') for (const name of namesOfEnv(step, escapedBy)) names.add(name);
    if (step.name === 'ARG') for (const { name } of declared(step, escapedBy)) args.add(name);
  }
}

const defaultsOf = (step: Instruction, escapedBy: string): string =>
  splitWords(step.rest, escapedBy)
    .map((word) => word.slice(word.indexOf('=') + 1))
    .join(' ');
const wordsOf = ({ flags, rest }: Instruction): string =>
  [...flags.map(({ value }) => value), rest].join(' ');

function isNameOfImage(text: string): boolean {
  try {
    return text !== '' && parseReference(text).path !== '';
  } catch {
    return false;
  }
}

/** Rules on variables and arguments. */
export const variableRules: readonly Rule[] = [
  {
    name: 'UndefinedArgInFrom',
    summary: 'FROM should use arguments that are declared',
    *check(input) {
      const known = new Set([...globalsOf(input).map(({ name }) => name), ...predefined, ...proxyArguments]);
      for (const { from } of input.stages)
        for (const name of new Set(variablesIn(wordsOf(from), input.file.escapedBy)))
          if (!known.has(name))
            yield at(
              from,
              `The argument '${name}' of FROM is not declared${advice(name, known.values(), '')}`,
            );
    },
  },
  {
    name: 'InvalidDefaultArgInFrom',
    summary: 'The defaults of arguments should make FROM valid',
    *check(input) {
      const { escapedBy } = input.file;
      const values = new Map(Object.entries(platformArguments(hostPlatform, '')));
      for (const instruction of input.preamble)
        for (const word of splitWords(instruction.rest, escapedBy)) {
          const [name = '', ...value] = word.split('=');
          values.set(name, expanded(value.join('='), values, escapedBy));
        }
      for (const { from } of input.stages) {
        const [image] = fromWords(from, escapedBy);
        if (image.includes('$') && !isNameOfImage(expanded(image, values, escapedBy).toLowerCase()))
          yield at(from, `The defaults of the arguments in ${image} make no name of an image`);
      }
    },
  },
  {
    name: 'UndefinedVar',
    summary: 'Variables should be defined before they are used',
    *check(input) {
      const known = new Map<number, Set<string> | null>();
      for (const stage of neededStages(input)) {
        const names = variablesOfBase(stage, input, known);
        known.set(stage.index, names);
        if (names) yield* undefinedIn(stage, names, input);
      }
    },
  },
  {
    name: 'SecretsUsedInArgOrEnv',
    summary: 'ARG and ENV are no place for secrets: what they hold stays in the image',
    *check(input) {
      const { escapedBy } = input.file;
      const stages = neededStages(input);
      for (const step of [...input.preamble, ...stages.flatMap(({ steps }) => steps)]) {
        const names =
          step.name === 'ENV'
            ? namesOfEnv(step, escapedBy)
            : step.name === 'ARG'
              ? declared(step, escapedBy).map(({ name }) => name)
              : [];
        for (const name of names.filter(isSecret))
          yield at(
            step,
            `${step.name} "${name}" seems to be a secret, and stays in the image: use RUN --mount=type=secret`,
          );
      }
    },
  },
];

function expanded(text: string, values: ReadonlyMap<string, string>, escapedBy: string): string {
  try {
    return expandWord(text, (name) => values.get(name), escapedBy);
  } catch {
    return '';
  }
}
