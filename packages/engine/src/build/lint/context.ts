import { posix } from 'node:path';
import { jsonForm } from '../../images/changes.ts';
import { splitWords } from '../../images/words.ts';
import { flagValue } from '../dockerfile/flags.ts';
import type { Instruction } from '../dockerfile/parse.ts';
import { fromWords } from './casing.ts';
import { at, neededSteps, type Rule } from './rule.ts';

/** What COPY and ADD take from the build context. */
function sourcesOf({ name, flags, rest }: Instruction, escapedBy: string): string[] {
  if ((name !== 'COPY' && name !== 'ADD') || flagValue(flags, 'from') !== undefined) return [];
  const words = jsonForm(rest) ?? splitWords(rest, escapedBy);
  return words.slice(0, -1).filter((word) => !/^(?:<<|[a-z]+:\/\/|git@)/i.test(word) && !word.includes('$'));
}

/** Rules on what stands around the Dockerfile: files of the context, and comments; docker calls them experimental. */
export const contextRules: readonly Rule[] = [
  {
    name: 'CopyIgnoredFile',
    summary: 'What .dockerignore leaves out cannot be copied',
    experimental: true,
    *check(input) {
      if (!input.ignore) return;
      for (const step of neededSteps(input))
        for (const source of sourcesOf(step, input.file.escapedBy)) {
          const path = posix.normalize(source).replace(/^\/+|\/+$/g, '');
          if (path !== '' && path !== '.' && input.ignore.ignores(path))
            yield at(step, `${step.name} asks for "${source}", which .dockerignore leaves out`);
        }
    },
  },
  {
    name: 'InvalidDefinitionDescription',
    summary: 'A comment right above a stage or an argument should begin with its name',
    experimental: true,
    *check({ file }) {
      for (const instruction of file.instructions) {
        const name = definedName(instruction, file.escapedBy);
        const [, comment] = /^\s*#\s*(.*)$/.exec(file.source.lines[instruction.line - 2] ?? '') ?? [];
        if (name === '' || comment === undefined || instruction.line <= file.directives.size + 1) continue;
        if (comment !== name && !comment.startsWith(`${name} `))
          yield at(
            instruction,
            `The comment above "${name}" should be "# ${name} DESCRIPTION", or stand by itself`,
          );
      }
    },
  },
];

function definedName(instruction: Instruction, escapedBy: string): string {
  if (instruction.name === 'FROM') return fromWords(instruction, escapedBy)[2];
  if (instruction.name !== 'ARG') return '';
  return splitWords(instruction.rest, escapedBy)[0]?.split('=', 1)[0] ?? '';
}
