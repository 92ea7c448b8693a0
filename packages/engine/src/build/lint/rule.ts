import type { IgnoreRules } from '@davit/api';
import type { Instruction, ParsedDockerfile } from '../dockerfile/parse.ts';
import type { Stage } from '../plan.ts';

/** What the rules look at. */
export interface LintInput {
  file: ParsedDockerfile;
  /** Instructions before the first stage. */
  preamble: readonly Instruction[];
  stages: readonly Stage[];
  /** Indices of the stages that the build needs. */
  needed: ReadonlySet<number>;
  /** Variables that an image sets; null when it is not here. */
  variablesOf(image: string): readonly string[] | null;
  /** What .dockerignore leaves out; null when there is none. */
  ignore: IgnoreRules | null;
}

/** Something that a rule has found. */
export interface Violation {
  message: string;
  /** Lines of the Dockerfile, from 1. */
  line: number;
  endLine: number;
}

/** One of docker's build checks. */
export interface Rule {
  name: string;
  /** What is the matter, in general. */
  summary: string;
  /** Whether it is only looked at when the Dockerfile asks for it. */
  experimental?: boolean;
  check(input: LintInput): Iterable<Violation>;
}

/** A violation of a rule by an instruction. */
export const at = ({ line, endLine }: Pick<Instruction, 'line' | 'endLine'>, message: string): Violation => ({
  ...{ message, line, endLine },
});

/** The name of an instruction as the Dockerfile has it. */
export const writtenName = ({ text }: Instruction): string => text.split(/\s/, 1)[0] ?? '';

/** The stages that the build needs. */
export const neededStages = ({ stages, needed }: LintInput): Stage[] =>
  stages.filter(({ index }) => needed.has(index));

/** The instructions of stages that the build needs, without FROM. */
export const neededSteps = (input: LintInput): Instruction[] =>
  neededStages(input).flatMap(({ steps }) => steps);
