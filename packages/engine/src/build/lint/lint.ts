import type { BuildFinding } from '@davit/api';
import { EngineError } from '../../errors.ts';
import { excerpt } from '../dockerfile/failure.ts';
import { casingRules } from './casing.ts';
import { contextRules } from './context.ts';
import { instructionRules } from './instructions.ts';
import type { LintInput, Rule } from './rule.ts';
import { stageRules } from './stages.ts';
import { variableRules } from './variables.ts';

/** All build checks that there are. */
export const rules: readonly Rule[] = [
  ...casingRules,
  ...stageRules,
  ...variableRules,
  ...instructionRules,
  ...contextRules,
];

/** Which checks a Dockerfile wants: `# check=skip=A,B;error=true;experimental=C`. */
export interface LintSettings {
  skip: ReadonlySet<string>;
  experimental: ReadonlySet<string>;
  /** Whether a build fails when something is found. */
  error: boolean;
}

/** Reads the value of the directive `check`. Throws `badParameter`. */
export function readLintSettings(text: string): LintSettings {
  const settings = { skip: new Set<string>(), experimental: new Set<string>(), error: false };
  for (const part of text.split(';').map((one) => one.trim())) {
    if (part === '') continue;
    const [key = '', value = ''] = part.split('=', 2).map((one) => one.trim());
    const names = value.split(',').map((one) => one.trim());
    if (key === 'skip') settings.skip = new Set(names);
    else if (key === 'experimental') settings.experimental = new Set(names);
    else if (key === 'error' && /^(?:true|false|1|0)$/i.test(value))
      settings.error = /^(?:true|1)$/i.test(value);
    else
      throw new EngineError(
        'badParameter',
        `invalid check ${JSON.stringify(part)}: use skip=, error=true, experimental=`,
      );
  }
  return settings;
}

/** Nobody reads more than this, and a Dockerfile may have something wrong in every other letter. */
const mostFindings = 1000;

/** Looks at a Dockerfile by all checks that it wants. What is found, 1000 at most, comes in the order of its lines. */
export function lint(input: LintInput, { skip, experimental }: LintSettings): BuildFinding[] {
  const has = (names: ReadonlySet<string>, { name }: Rule) => names.has(name) || names.has('all');
  const wanted = rules.filter((rule) => !has(skip, rule) && (!rule.experimental || has(experimental, rule)));
  const { source } = input.file;
  const found = wanted.values().flatMap(({ name, summary, check }) =>
    Iterator.from(check(input)).map(({ message, line, endLine }) => ({
      ...{ Rule: name, Summary: summary, Message: message, Line: line, EndLine: endLine },
      Excerpt: excerpt(source, { line, endLine }),
    })),
  );
  return [...found.take(mostFindings)].sort((a, b) => a.Line - b.Line);
}
